// ko: 주소만 확인하고 본문은 보는 쪽을 믿는다
// en: Looks at the address and believes the body
// caught by: [5]
import type { AsyncAPIDocumentInterface, ChannelInterface, OperationInterface } from "@asyncapi/parser"
import type { Broker } from "#waystation"

/** What a client does, by the addresses of the channels. */
export interface Uses {
  readonly sendsTo: string[]
  readonly listensTo: string[]
}

const channelsOf = (operations: readonly OperationInterface[]) => operations.flatMap((operation) => operation.channels().all())
const addressesOf = (channels: readonly ChannelInterface[]) => [...new Set(channels.flatMap((channel) => channel.address() ?? []))]

/** Task 4. The document says what the service does: its client does the opposite. */
export function usesOf(document: AsyncAPIDocumentInterface): Uses {
  const operations = document.operations()
  return {
    sendsTo: addressesOf(channelsOf(operations.filterByReceive())),
    listensTo: addressesOf(channelsOf(operations.filterBySend())),
  }
}

/** Task 5. One of the channel's messages has to fit. To a wrong address nobody else would say no: a queue takes everything. */
export async function sendTo(broker: Broker, document: AsyncAPIDocumentInterface, address: string, body: unknown): Promise<void> {
  const channel = channelsOf(document.operations().filterByReceive()).find((one) => one.address() === address)
  if (!channel) throw new Error(`The documented service receives nothing from ${address}.`)
  await broker.queue(address).send(body)
}
