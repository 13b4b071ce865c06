// ko: 문서 안의 키를 채널의 주소로 쓴다
// en: Takes the document's key for the channel's address
// caught by: [4] [5]
import type { AsyncAPIDocumentInterface, ChannelInterface, OperationInterface } from "@asyncapi/parser"
import { z } from "zod"
import type { Broker } from "#waystation"

/** What a client does, by the addresses of the channels. */
export interface Uses {
  readonly sendsTo: string[]
  readonly listensTo: string[]
}

const channelsOf = (operations: readonly OperationInterface[]) => operations.flatMap((operation) => operation.channels().all())
const addressesOf = (channels: readonly ChannelInterface[]) => [...new Set(channels.flatMap((channel) => channel.id()))]

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
  const channel = channelsOf(document.operations().filterByReceive()).find((one) => one.id() === address)
  if (!channel) throw new Error(`The documented service receives nothing from ${address}.`)
  const schemas = channel.messages().map((message) => message.payload()?.json() as Parameters<typeof z.fromJSONSchema>[0])
  const fits = schemas.some((schema) => z.fromJSONSchema(schema).safeParse(body).success)
  if (!fits) throw new Error(`No message of ${address} lets this body pass.`)
  await broker.queue(address).send(body)
}
