import type { AsyncAPIDocumentInterface } from "@asyncapi/parser"
import { test } from "vitest"
import { sendTo, usesOf } from "#work/3.3.3-specifying-a-messaging-api/2-client.ts"
import { code, type Words, words } from "../support/language.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"
import { documentOf, parsed } from "./parsed.ts"
import { json } from "./service-run.ts"

const text = { type: "string" }
const order = { type: "object", properties: { orderId: text }, required: ["orderId"] }
const cookOrder = {
  type: "object",
  properties: { orderId: text, portions: { type: "integer", minimum: 1 } },
  required: ["orderId", "portions"],
}
const pause = { type: "object", properties: { minutes: { type: "integer", minimum: 1 } }, required: ["minutes"] }

const channel = (address: string, messages: Readonly<Record<string, object>>) => ({
  address,
  messages: Object.fromEntries(Object.entries(messages).map(([name, payload]) => [name, { payload }])),
})
const operation = (action: string, name: string, message: string) => ({
  action,
  channel: { $ref: `#/channels/${name}` },
  messages: [{ $ref: `#/channels/${name}/messages/${message}` }],
})

/** The kitchen's document: keys and addresses differ, and one channel has two messages. */
function parsedKitchen(): Promise<AsyncAPIDocumentInterface> {
  const channels = {
    commands: channel("kitchen-commands", { CookOrder: cookOrder, Pause: pause }),
    cancelled: channel("orders-cancelled", { OrderCancelled: order }),
    ready: channel("orders-ready", { OrderReady: order }),
    reports: channel("kitchen-reports", { Report: order }),
  }
  const operations = {
    cook: operation("receive", "commands", "CookOrder"),
    pause: operation("receive", "commands", "Pause"),
    onCancelled: operation("receive", "cancelled", "OrderCancelled"),
    publishReady: operation("send", "ready", "OrderReady"),
    report: operation("send", "reports", "Report"),
  }
  return parsed(documentOf(channels, operations))
}

const kitchen = await parsedKitchen()

const told = (document: AsyncAPIDocumentInterface): Words[] =>
  document
    .operations()
    .map((one) =>
      words("{0}: `{1}` {2}", "{0}: `{1}` {2}", code(one.id() ?? ""), one.action(), code(one.channels().all()[0]?.address() ?? "")),
    )

test("[4] a client does the opposite of what the document says of the service", async () => {
  const { sendsTo, listensTo } = usesOf(kitchen)
  const expected = { sendsTo: ["kitchen-commands", "orders-cancelled"], listensTo: ["kitchen-reports", "orders-ready"] }
  for (const [what, came] of [["sendsTo", sendsTo] as const, ["listensTo", listensTo] as const]) {
    if (JSON.stringify([...came].sort()) === JSON.stringify(expected[what])) continue
    const steps = [
      ...told(kitchen),
      words("있어야 할 것: {0}", "what it should be: {0}", json(expected[what])),
      words("돌려준 것: {0}", "what is returned: {0}", json(came)),
    ]
    throw new Wrong(words("`{0}`의 주소가 달라요", "`{0}` does not have the right addresses", what), steps)
  }
})

const allowed: readonly (readonly [address: string, body: unknown])[] = [
  ["kitchen-commands", { orderId: "order-7", portions: 2 }],
  ["kitchen-commands", { minutes: 10 }],
  ["orders-cancelled", { orderId: "order-7" }],
]
const refused: readonly (readonly [address: string, body: unknown, why: Words])[] = [
  ["kitchen-commands", { orderId: "order-7" }, words("어느 메시지의 스키마와도 맞지 않아요", "it fits the schema of neither message")],
  ["kitchen-commands", { orderId: "order-7", portions: "2" }, words("`portions`는 수예요", "`portions` is a number")],
  ["orders-cancelled", {}, words("`orderId`가 있어야 해요", "`orderId` is required")],
  ["orders-ready", { orderId: "order-7" }, words("이 채널은 서비스가 보내는 곳이에요", "to this channel the service sends itself")],
  ["commands", { minutes: 10 }, words("문서 안의 키이지 주소가 아니에요", "this is the document's key, and not an address")],
  ["order-cancellations", { orderId: "order-7" }, words("문서에 없는 주소예요", "the document does not know the address")],
]

/** What lies in the queue when the client has sent, and whether it was rejected. */
async function outcome(address: string, body: unknown): Promise<{ readonly waiting: unknown[]; readonly error: unknown }> {
  await using run = new Station({ name: () => ({ message: "" }) })
  const { broker } = run.process({ ko: "클라이언트", en: "the client" })
  const error = await run.until(
    sendTo(broker, kitchen, address, body).then(
      () => undefined,
      (problem: unknown) => problem ?? "rejected",
    ),
  )
  if (error instanceof Error && error.name === "Todo") throw error
  await run.clock.advance(1_000)
  return {
    waiting: broker
      .queue(address)
      .receive({ max: 10 })
      .map((delivery) => delivery.body),
    error,
  }
}

test("[5] what the document allows is sent, once and as it is", async () => {
  for (const [address, body] of allowed) {
    const { waiting, error } = await outcome(address, body)
    if (!error && JSON.stringify(waiting) === JSON.stringify([body])) continue
    const steps = [words("보내는 본문: {0}", "the body: {0}", json(body)), words("큐에 있는 것: {0}", "in the queue: {0}", json(waiting))]
    if (error) steps.push(words("거부: {0}", "rejected: {0}", String(error)))
    throw new Wrong(
      words(
        "문서가 허락하는 본문이 {0} 큐에 그대로 있지 않아요",
        "a body that the document allows is not in the queue {0} as it was sent",
        code(address),
      ),
      steps,
    )
  }
})

test("[5] what the document does not allow is rejected, and not sent", async () => {
  for (const [address, body, why] of refused) {
    const { waiting, error } = await outcome(address, body)
    const steps = [words("{0}: {1}", "{0}: {1}", code(address), json(body))]
    if (waiting.length > 0)
      throw new Wrong(
        words("문서가 허락하지 않는 것이 {0} 큐로 나갔어요", "what the document does not allow is sent to the queue {0}", code(address)),
        steps,
        why,
      )
    if (!error)
      throw new Wrong(
        words("{0:으로/로} 보내지도 않았는데 이행됐어요", "nothing is sent to {0}, and the promise is fulfilled", code(address)),
        steps,
        why,
      )
  }
})
