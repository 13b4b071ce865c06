import type { OperationInterface } from "@asyncapi/parser"
import type { Broker } from "#waystation"
import { code, words } from "../support/language.ts"
import { addressOf, examplesOf } from "./parsed.ts"
import { accounting, generated, json, orderService, phoneClient, ServiceRun } from "./service-run.ts"

/** What the generated client did because the document says so, and what it heard. */
interface Client {
  readonly heard: string[]
  readonly published: string[]
  readonly cancelled: string[]
}

const channelOf = (operation: OperationInterface) => operation.channels().all()[0]

/** It does the opposite of what the order service says that it does. */
async function runClient(run: ServiceRun, broker: Broker, operations: readonly OperationInterface[]): Promise<Client> {
  const client: Client = { heard: [], published: [], cancelled: [] }
  for (const operation of operations) {
    const channel = channelOf(operation)
    const address = channel ? addressOf(channel) : ""
    const does = words("문서의 {0}: `action: {1}`", "the document has {0}: `action: {1}`", code(operation.id() ?? ""), operation.action())
    run.tell("{0}. {1:은/는} 반대로 해요", "{0}, so {1} does the opposite", does, generated)
    if (!channel || address === "") run.fails("WRONG", words("그 채널에 `address`가 없어요", "its channel has no `address`"))
    if (operation.isSend()) listen(run, broker, address, client)
    else await send(run, broker, address, channel?.messages().all().flatMap(examplesOf)[0], client)
  }
  return client
}

function listen(run: ServiceRun, broker: Broker, address: string, { heard }: Client): void {
  run.tell("{0:이/가} {1} 채널을 듣기 시작해요", "{0} begins to listen to {1}", generated, code(address))
  const hear = ({ body }: { body: unknown }) => {
    run.tell("{0:이/가} {1} 채널에서 받아요: {2}", "{0} gets from {1}: {2}", generated, code(address), json(body))
    heard.push(address)
  }
  if (address === "orders-created") broker.topic(address).subscribe("web", hear)
  else broker.queue(address).consume(hear)
}

async function send(run: ServiceRun, broker: Broker, address: string, example: unknown, client: Client): Promise<void> {
  if (example === undefined)
    run.fails(
      "WRONG",
      words("{0} 채널의 메시지에 보낼 예가 없어요", "the message of the channel {0} has no example to send", code(address)),
    )
  if (address === "orders-created") client.published.push(await run.publishes(generated, broker, address, example))
  else {
    await run.sends(generated, broker, address, example)
    if (address === "cancel-order") client.cancelled.push((example as { orderId: string }).orderId)
  }
}

/** The order service runs, and with it a client that knows nothing but the document. */
export async function playOperations(operations: readonly OperationInterface[]): Promise<void> {
  await using run = new ServiceRun()
  const heard: string[] = []
  run
    .process(accounting)
    .broker.topic("orders-created")
    .subscribe("accounting", ({ id }) => void heard.push(id))
  const client = await runClient(run, run.process(generated).broker, operations)
  // Who takes a command from a queue first is up to chance: here the one who should not.
  run.start()
  const { broker: phone } = run.process(phoneClient)
  await run.sends(phoneClient, phone, "create-order", { customerId: "customer-1", items: [{ dish: "bibimbap", quantity: 2 }] })
  const phoned = ["order-101", "order-102"]
  for (const orderId of phoned) await run.sends(phoneClient, phone, "cancel-order", { orderId })
  await run.clock.advance(5_000)

  if (client.published.some((id) => heard.includes(id))) {
    const headline = words(
      "{1:이/가} 만들지 않은 주문을 {0:이/가} 들어요",
      "{0} hears of an order that {1} never created",
      accounting,
      orderService,
    )
    run.fails(
      "PHANTOM",
      headline,
      words("`action`에는 문서의 주인인 서비스가 하는 일을 적어요", "`action` says what the document's own service does"),
    )
  }
  const lost = [...phoned, ...client.cancelled].find((orderId) => !run.cancelled.includes(orderId))
  if (lost) {
    const headline = words("{0}의 취소가 {1:에/에} 오지 않았어요", "the cancellation of {0} does not come to {1}", code(lost), orderService)
    const note = phoned.includes(lost)
      ? words("`action`에는 문서의 주인인 서비스가 하는 일을 적어요", "`action` says what the document's own service does")
      : words("돌고 있는 채널이 문서의 예를 받지 않아요", "the running channel does not take the document's example")
    run.fails("LOST", headline, note)
  }
  const operationFor = (address: string) =>
    words("{0} 채널의 오퍼레이션이 문서에 없어요", "the document has no operation on the channel {0}", code(address))
  if (!client.heard.includes("orders-created")) {
    run.fails(
      "LOST",
      words("{0:이/가} 주문이 만들어진 것을 듣지 못해요", "{0} does not hear that an order was created", generated),
      operationFor("orders-created"),
    )
  }
  if (client.cancelled.length === 0)
    run.fails("WRONG", words("{0:이/가} 주문을 취소할 수 없어요", "{0} cannot cancel an order", generated), operationFor("cancel-order"))
}
