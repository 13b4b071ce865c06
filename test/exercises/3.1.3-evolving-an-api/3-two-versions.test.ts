import { once } from "node:events"
import { request } from "node:http"
import { text } from "node:stream/consumers"
import { Hono } from "hono"
import { test } from "vitest"
import { type Order, showOrders, takeOrders, v1, v2 } from "#work/3.1.3-evolving-an-api/3-two-versions.ts"
import { listening } from "../support/http.ts"
import { code, type Words, words } from "../support/language.ts"
import { difference, shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"

const v3 = "application/vnd.waystation.order.v3+json"
const bibimbap = { name: "bibimbap", quantity: 2 }
const one: Order = { orderId: "order-7", items: [bibimbap] }
const two: Order = { orderId: "order-8", items: [bibimbap, { name: "tea", quantity: 1 }] }
const inV1 = { orderId: "order-7", ...bibimbap }

interface Asked {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What came over the socket; node's own client, which sends no header of its own accord. */
interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

async function ask(url: string, { method, path, headers, body }: Asked): Promise<Answer> {
  const sending = request(`${url}${path}`, { method, headers })
  sending.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = await once(sending, "response")
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

/** A request and its answer as the learner reads them. */
function conversation({ method, path, headers = {}, body }: Asked, { status, headers: had, body: came }: Answer): Words[] {
  const named = Object.entries(headers).map(([name, value]) => code(`${name}: ${value}`))
  const header = method === "GET" ? "Accept" : "Content-Type"
  const said = named.length > 0 ? { ko: named.join(" "), en: named.join(" ") } : words("({0} 없음)", "(no {0})", header)
  const sent = body === undefined ? "" : ` ${shown(body)}`
  const type = had["content-type"] ? code(`Content-Type: ${had["content-type"]}`) : ""
  const answered = [String(status), type, came && code(came.slice(0, 120))].filter(Boolean).join(" ")
  return [
    words("클라이언트: {0} {1}{2}", "the client: {0} {1}{2}", code(`${method} ${path}`), said, sent),
    words("서비스의 답: {0}", "the service answers: {0}", answered),
  ]
}

/** The learner's routes on a real socket. What they throw is the test's failure, not an answer of 500. */
async function service(orders: Map<string, Order>, routes: (app: Hono, orders: Map<string, Order>) => void) {
  const app = new Hono()
  routes(app, orders)
  let thrown: { readonly error: unknown } | undefined
  app.onError((error, context) => {
    thrown ??= { error }
    return context.body(null, 500)
  })
  const server = await listening(app.fetch)
  const asks = async (asked: Asked) => {
    const answer = await ask(server.url, asked)
    if (thrown) throw thrown.error
    return answer
  }
  return { ask: asks, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test("[6] an order is kept alike, whichever version it came in", async () => {
  const cases: readonly { headers?: Record<string, string>; body: unknown; kept: Order }[] = [
    { headers: { "Content-Type": v2 }, body: two, kept: two },
    { headers: { "Content-Type": v1 }, body: inV1, kept: one },
    { headers: { "Content-Type": v2 }, body: one, kept: one },
    { headers: { "Content-Type": "application/json" }, body: inV1, kept: one },
    { body: inV1, kept: one },
  ]
  for (const { headers, body, kept } of cases) {
    const orders = new Map<string, Order>()
    await using server = await service(orders, takeOrders)
    const asked: Asked = { method: "POST", path: "/orders", body, ...(headers && { headers }) }
    const answer = await server.ask(asked)
    const steps = conversation(asked, answer)
    if (answer.status !== 201)
      throw new Wrong(
        words("주문을 받지 않아요. 201이 아니라 {0:이/가} 왔어요", "the order is not taken: not 201 but {0} comes back", answer.status),
        steps,
      )
    const found = difference(byKey(orders), { [kept.orderId]: kept })
    if (!found) continue
    const headline = words("받은 주문이 {0:으로/로} 남았어요", "the order is kept as {0}", shown(byKey(orders)))
    throw new Wrong(headline, steps, words("{0:이/가} 남아야 해요", "{0} should be kept", shown({ [kept.orderId]: kept })))
  }
})

test("[6] a version that the service does not know is refused, and nothing is kept", async () => {
  const orders = new Map<string, Order>()
  await using server = await service(orders, takeOrders)
  const asked: Asked = { method: "POST", path: "/orders", headers: { "Content-Type": v3 }, body: { ...two, currency: "KRW" } }
  const answer = await server.ask(asked)
  if (answer.status === 415 && orders.size === 0) return
  const headline =
    orders.size > 0
      ? words(
          "모르는 버전의 주문을 짐작으로 읽어서 {0:으로/로} 남겼어요",
          "an order of an unknown version is kept by guesswork, as {0}",
          shown(byKey(orders)),
        )
      : words(
          "모르는 버전이 오면 415여야 하는데 {0:이/가} 왔어요",
          "an unknown version is to be answered by 415, and {0} came",
          answer.status,
        )
  throw new Wrong(headline, conversation(asked, answer))
})

interface Shown {
  readonly order: Order
  readonly accept?: string
  readonly type: string
  readonly body: unknown
}

const showable: readonly Shown[] = [
  { order: two, accept: v2, type: v2, body: two },
  { order: one, accept: v1, type: v1, body: inV1 },
  { order: one, accept: v2, type: v2, body: one },
  { order: one, type: v1, body: inV1 },
  { order: one, accept: "*/*", type: v1, body: inV1 },
  { order: one, accept: "application/json", type: v1, body: inV1 },
]

test("[7] an order is shown in the version that is asked for, in the first one if none is", async () => {
  await using server = await service(new Map([one, two].map((order) => [order.orderId, order])), showOrders)
  for (const { order, accept, type, body } of showable) {
    const asked: Asked = { method: "GET", path: `/orders/${order.orderId}`, ...(accept && { headers: { Accept: accept } }) }
    const answer = await server.ask(asked)
    const steps = conversation(asked, answer)
    const expected = words("기대한 것: 200 {0} {1}", "expected: 200 {0} {1}", code(`Content-Type: ${type}`), shown(body))
    if (answer.status !== 200)
      throw new Wrong(words("주문이 오지 않고 {0:이/가} 왔어요", "the order does not come, {0} does", answer.status), [...steps, expected])
    if (difference(parsed(answer.body), body))
      throw new Wrong(words("달라고 한 버전의 주문이 아니에요", "it is not the order in the version that was asked for"), [
        ...steps,
        expected,
      ])
    const said = String(answer.headers["content-type"]).split(";")[0]
    if (said !== type)
      throw new Wrong(
        words("답이 어느 버전인지 `Content-Type`이 맞게 말하지 않아요", "`Content-Type` does not say of which version the answer is"),
        [...steps, expected],
      )
  }
})

test("[7] what a version cannot say, and a version that is not there, is answered by 406", async () => {
  await using server = await service(new Map([[two.orderId, two]]), showOrders)
  for (const accept of [v1, undefined, v3]) {
    const asked: Asked = { method: "GET", path: `/orders/${two.orderId}`, ...(accept && { headers: { Accept: accept } }) }
    const answer = await server.ask(asked)
    if (answer.status === 406) continue
    const headline =
      accept === v3
        ? words(
            "모르는 버전을 달라고 하면 406이어야 하는데 {0:이/가} 왔어요",
            "an unknown version is to be answered by 406, and {0} came",
            answer.status,
          )
        : words(
            "항목이 둘인 주문은 v1로 나타낼 수 없으니 406이어야 하는데 {0:이/가} 왔어요",
            "v1 cannot say two items: 406 is to come, and {0} came",
            answer.status,
          )
    throw new Wrong(headline, conversation(asked, answer))
  }
})

test("[7] a cache is told that the answer depends on Accept", async () => {
  await using server = await service(new Map([[one.orderId, one]]), showOrders)
  for (const accept of [v1, v2]) {
    const asked: Asked = { method: "GET", path: `/orders/${one.orderId}`, headers: { Accept: accept } }
    const answer = await server.ask(asked)
    if (/\baccept\b/i.test(String(answer.headers.vary ?? ""))) continue
    const headline = words("답에 `Vary: Accept`가 없어요", "the answer has no `Vary: Accept`")
    const note = words(
      "사이에 있는 캐시가 이 답을 다른 버전을 달라는 클라이언트에게도 줄 수 있어요",
      "a cache in between may give this answer to a client that asks for the other version",
    )
    throw new Wrong(headline, conversation(asked, answer), note)
  }
})

/** What is kept, by the key under which it is. */
function byKey(orders: ReadonlyMap<string, Order>): Record<string, Order> {
  return Object.fromEntries(orders)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
