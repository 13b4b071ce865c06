import type { OperationInterface } from "@asyncapi/parser"
import { test } from "vitest"
import type { z } from "zod"
import * as work from "#work/3.3.3-specifying-a-messaging-api/1-document.ts"
import { code, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { askFromDocument } from "./asking.ts"
import { playOperations } from "./generated-client.ts"
import { CancelOrder, CreateOrder, OrderCreated, Reply } from "./order-service.ts"
import { addressOf, documentOf, examplesOf, expectDescribed, parsed, refusal } from "./parsed.ts"
import { generated, json, orderService, ServiceRun } from "./service-run.ts"

const items = [{ dish: "bibimbap", quantity: 2 }]
const badItems = [
  undefined,
  [],
  [{ dish: "bibimbap" }],
  [{ quantity: 2 }],
  [{ dish: "bibimbap", quantity: "2" }],
  [{ dish: "bibimbap", quantity: 0 }],
]

/** Bodies of all kinds: which of them the running channel lets pass, its schema says. */
const bodies: Readonly<Record<string, readonly unknown[]>> = {
  "orders-created": [
    { orderId: "order-7", items },
    { orderId: 7, items },
    { items },
    "order-7",
    ...badItems.map((bad) => ({ orderId: "order-7", items: bad })),
  ],
  "cancel-order": [
    { orderId: "order-7" },
    { orderId: "order-7", reason: "kitchen" },
    { orderId: "order-7", reason: "customer" },
    { reason: "customer" },
    { orderId: 7 },
    { orderId: "order-7", reason: "weather" },
    { orderId: "order-7", reason: null },
    "order-7",
  ],
  "create-order": [
    { customerId: "customer-1", items },
    { items },
    { customerId: 1, items },
    ...badItems.map((bad) => ({ customerId: "customer-1", items: bad })),
  ],
  reply: [
    { orderId: "order-7", state: "PENDING" },
    { orderId: "order-7", state: "REJECTED" },
    { orderId: "order-7" },
    { state: "PENDING" },
    { orderId: "order-7", state: "COOKING" },
  ],
}
const schemas: Readonly<Record<string, z.ZodType>> = {
  "orders-created": OrderCreated,
  "cancel-order": CancelOrder,
  "create-order": CreateOrder,
  reply: Reply,
}

type Channel = Parameters<typeof refusal>[0]

/** Documented and running, both ways: they let the same bodies pass. */
function expectSame(channel: Channel, served: string): void {
  for (const body of bodies[served] ?? []) {
    // As it is on the channel: what is undefined is not there.
    const sent: unknown = JSON.parse(JSON.stringify(body))
    const runs = schemas[served]?.safeParse(sent).success
    const complaint = refusal(channel, sent)
    if (runs === (complaint === undefined)) continue
    const steps = [
      words("본문: {0}", "the body: {0}", json(sent)),
      ...(complaint ? [words("문서의 스키마: {0}", "the document's schema: {0}", complaint)] : []),
    ]
    const where = served === "reply" ? words("답", "the reply") : code(served)
    const headline = runs
      ? words(
          "돌고 있는 채널이 받는 {0} 본문을 문서는 거절해요",
          "of {0}, the document refuses a body that the running channel lets pass",
          where,
        )
      : words(
          "돌고 있는 채널이 거절하는 {0} 본문을 문서는 받아요",
          "of {0}, the document lets a body pass that the running channel refuses",
          where,
        )
    throw new Wrong(headline, steps)
  }
}

/** For the parser on a busy machine. Nothing that is tested here waits for anything. */
const patient = { timeout: 9_000 }

/** What is written already of the document; what is not, its own tests say. */
function written(part: () => work.Json): work.Json {
  try {
    return part()
  } catch {
    return {}
  }
}

/** One document of all tasks, as one is parsed faster than three. */
function whole(): work.Json {
  const channels = { ...written(() => work.createOrder().channels), ...written(work.channels) }
  const operations = { ...written(() => work.createOrder().operations), ...written(work.operations) }
  return documentOf(channels, operations)
}

const paths = (part: "channels" | "operations", named: work.Json) => Object.keys(named).map((name) => `${part}/${name}`)

async function described(): Promise<Channel[]> {
  const mine = work.channels()
  const document = await parsed(whole(), paths("channels", mine))
  return document.channels().filter((channel) => channel.id() in mine)
}

async function operationsOf(mine: work.Json, channels: work.Json = {}): Promise<OperationInterface[]> {
  const document = await parsed(whole(), [...paths("operations", mine), ...paths("channels", channels)])
  return document.operations().filter((operation) => (operation.id() ?? "") in mine)
}

test("[1] every documented channel is served, and every one that is served is documented", patient, async () => {
  const channels = await described()
  for (const channel of channels) {
    const address = addressOf(channel)
    if (address === "") throw new Wrong(words("{0} 채널에 `address`가 없어요", "the channel {0} has no `address`", code(channel.id())))
    if (address === "orders-created" || address === "cancel-order") continue
    await using run = new ServiceRun()
    run.start()
    const { broker } = run.process(generated)
    await run.sends(generated, broker, address, channel.messages().all().flatMap(examplesOf)[0] ?? {})
    await run.clock.advance(5_000)
    const headline = words(
      "문서에 있는 {0} 채널을 아무도 듣지 않아요. 5초 뒤에도 메시지가 그대로예요",
      "nobody serves the documented channel {0}: after 5 seconds the message is still there",
      code(address),
    )
    run.fails(
      "STUCK",
      headline,
      words(
        "주문 서비스의 채널은 `orders-created`와 `cancel-order`예요",
        "the order service's channels are `orders-created` and `cancel-order`",
      ),
    )
  }
  for (const address of ["orders-created", "cancel-order"]) {
    if (channels.some((channel) => addressOf(channel) === address)) continue
    throw new Wrong(words("돌고 있는 {0} 채널이 문서에 없어요", "the channel {0} is served, and is not in the document", code(address)))
  }
})

test("[1] every message has a schema and an example, which the running channel lets pass", patient, async () => {
  for (const channel of await described()) {
    expectDescribed(channel)
    for (const example of channel.messages().all().flatMap(examplesOf)) {
      if (addressOf(channel) === "cancel-order") await expectHandled(example)
      if (addressOf(channel) === "orders-created") await expectPublished(example)
    }
  }
})

async function expectHandled(example: unknown): Promise<void> {
  await using run = new ServiceRun()
  run.start()
  const { broker } = run.process(generated)
  await run.sends(generated, broker, "cancel-order", example)
  await run.reaches(() => run.cancelled.length > 0, 5_000)
  if (run.cancelled.length > 0) return
  const [letter] = broker.queue("cancel-order").deadLetters.list()
  run.tell("데드 레터가 됐어요: {0}", "it becomes a dead letter: {0}", letter?.reason ?? "")
  run.fails("LOST", words("문서의 예를 {0:이/가} 처리하지 못해요", "the document's example cannot be handled by {0}", orderService))
}

async function expectPublished(example: unknown): Promise<void> {
  const { error } = OrderCreated.safeParse(example)
  if (!error) return
  const steps = [
    words("예: {0}", "the example: {0}", json(example)),
    words("채널의 스키마: {0}", "the channel's schema: {0}", JSON.stringify(error.issues[0]?.message)),
  ]
  throw new Wrong(words("{0:은/는} 문서의 예를 발행할 수 없어요", "{0} could never publish the document's example", orderService), steps)
}

test("[1] the documented schema and the running channel let the same bodies pass", patient, async () => {
  for (const channel of await described()) expectSame(channel, addressOf(channel))
})

test("[2] a client generated from the document hears what the service sends, and sends what it receives", patient, async () => {
  await playOperations(await operationsOf(work.operations()))
})

async function create(): Promise<OperationInterface[]> {
  const { channels, operations } = work.createOrder()
  const taken = Object.keys({ ...written(work.channels), ...written(work.operations) }).find(
    (name) => name in channels || name in operations,
  )
  if (taken) throw new Wrong(words("{0:이라는/라는} 이름이 문서에 이미 있어요", "the name {0} is in the document already", code(taken)))
  return operationsOf(operations, channels)
}

test("[3] a client generated from the document asks, and knows its own reply", patient, async () => {
  await askFromDocument(await create())
})

test("[3] the documented request and reply let pass what the running service does", patient, async () => {
  for (const operation of await create()) {
    const replies = operation.reply()?.channel()
    for (const channel of [...operation.channels().all(), ...(replies ? [replies] : [])]) {
      expectDescribed(channel)
      expectSame(channel, channel.id() === replies?.id() ? "reply" : "create-order")
    }
  }
})
