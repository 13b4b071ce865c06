import { once } from "node:events"
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http"
import { text } from "node:stream/consumers"
import { isDeepStrictEqual } from "node:util"
import { test } from "vitest"
import { type Details, type Order, serveReplacing, serveTagged } from "#work/3.2.1-rest/3-lost-update.ts"
import type { Listening } from "../support/http.ts"
import { code, type Words, words } from "../support/language.ts"
import { type Answer, Conversation } from "./conversation.ts"

const path = "/orders/order-1"
const customer: Words = { ko: "고객", en: "the customer" }
const support: Words = { ko: "상담원", en: "the support desk" }
const moved: Details = { address: "Mapo 12", wish: "" }
const wished: Details = { address: "Jongno 3", wish: "no onions" }

/** One order in memory. */
class Kept {
  order: Order = { id: "order-1", version: 1, address: "Jongno 3", wish: "" }

  readonly find = (id: string): Order | undefined => (id === this.order.id ? this.order : undefined)
  readonly replace = (id: string, { address, wish }: Details): Order => {
    this.order = { id, address, wish, version: this.order.version + 1 }
    return this.order
  }
}

async function opened(serve: (app: ReturnType<Conversation["app"]>, orders: Kept) => void) {
  const [talk, orders] = [new Conversation(), new Kept()]
  const app = talk.app()
  const handling = Promise.withResolvers<void>()
  app.use(async (c, next) => {
    if (c.req.header("Expect-Body") === "late") handling.resolve()
    await next()
  })
  serve(app, orders)
  return { talk, orders, service: await talk.serve(app), handling: handling.promise }
}

function both(app: ReturnType<Conversation["app"]>, orders: Kept): void {
  serveTagged(app, orders)
  serveReplacing(app, orders)
}

async function tagSeenBy(who: Words, talk: Conversation, service: Listening): Promise<string> {
  const answer = await talk.call(service.url, { method: "GET", path, who })
  talk.expectStatus(answer, 200, `GET ${path}`)
  const tag = answer?.headers.get("ETag") ?? ""
  if (/^"[^"]*"$/.test(tag)) return tag
  return talk.wrong(
    tag === ""
      ? words("응답에 ETag가 없어요", "there is no ETag in the answer")
      : words(
          '{0:은/는} ETag가 아니에요. `"1"`처럼 큰따옴표로 감싸야 해요',
          '{0} is no ETag: it has to stand in double quotes, as `"1"` does',
          code(tag),
        ),
  )
}

test("[7] the tag changes with the order, and with nothing else", async () => {
  const { talk, orders, service } = await opened(serveTagged)
  await using _ = service
  const seen = [await tagSeenBy(customer, talk, service), await tagSeenBy(customer, talk, service)]
  if (seen[0] !== seen[1]) talk.wrong(words("주문은 그대로인데 ETag가 바뀌었어요", "the order is the same, and the ETag has changed"))
  for (const details of [moved, { ...moved, wish: "no onions" }]) {
    orders.replace("order-1", details)
    talk.tell("주문의 내용이 {0:으로/로} 바뀌어요", "the order's details become {0}", code(JSON.stringify(details)))
    const tag = await tagSeenBy(customer, talk, service)
    if (seen.includes(tag)) talk.wrong(words("주문이 바뀌었는데 ETag는 그대로예요", "the order has changed, and its ETag has not"))
    seen.push(tag)
  }
})

test("[7] who has seen this version is spared the body", async () => {
  const { talk, orders, service } = await opened(serveTagged)
  await using _ = service
  const tag = await tagSeenBy(customer, talk, service)
  const again = { method: "GET", path, headers: { "If-None-Match": tag }, who: customer } as const
  talk.expectStatus(await talk.call(service.url, again), 304, `GET ${path}`)
  orders.replace("order-1", moved)
  talk.tell("주문의 내용이 {0:으로/로} 바뀌어요", "the order's details become {0}", code(JSON.stringify(moved)))
  const changed = await talk.call(service.url, again)
  talk.expectStatus(changed, 200, `GET ${path}`)
  expectOrder(talk, changed, orders)
})

test("[7] what is not there is 404", async () => {
  const { talk, service } = await opened(serveTagged)
  await using _ = service
  talk.expectStatus(await talk.call(service.url, { method: "GET", path: "/orders/order-9" }), 404, "GET /orders/order-9")
})

test("[8] who saw the newest version may change it, and is told the next tag", async () => {
  const { talk, orders, service } = await opened(both)
  await using _ = service
  let tag = await tagSeenBy(customer, talk, service)
  for (const details of [moved, wished]) {
    const answer = await talk.call(service.url, { method: "PUT", path, headers: { "If-Match": tag }, body: details, who: customer })
    talk.expectStatus(answer, 200, `PUT ${path}`)
    expectOrder(talk, answer, orders)
    if (orders.order.address !== details.address) talk.wrong(words("주문이 바뀌지 않았어요", "the order has not been changed"))
    const next = answer?.headers.get("ETag") ?? ""
    const read = await tagSeenBy(customer, talk, service)
    if (next !== read) talk.wrong(words("PUT이 알려 준 ETag가 GET의 것과 달라요", "the ETag that PUT tells is not the one that GET tells"))
    tag = next
  }
})

test("[8] a change made from an old version is refused", async () => {
  const { talk, orders, service } = await opened(both)
  await using _ = service
  const [seenByCustomer, seenBySupport] = [await tagSeenBy(customer, talk, service), await tagSeenBy(support, talk, service)]
  const change = { method: "PUT", path, headers: { "If-Match": seenByCustomer }, body: moved, who: customer } as const
  talk.expectStatus(await talk.call(service.url, change), 200, `PUT ${path}`)
  const late = await talk.call(service.url, { method: "PUT", path, headers: { "If-Match": seenBySupport }, body: wished, who: support })
  expectRefused(talk, late, orders, 412)
})

test("[8] a change on no condition is refused", async () => {
  const { talk, orders, service } = await opened(both)
  await using _ = service
  orders.replace("order-1", moved)
  talk.tell("고객이 주소를 {0:으로/로} 바꿔요", "the customer changes the address to {0}", code(moved.address))
  expectRefused(talk, await talk.call(service.url, { method: "PUT", path, body: wished, who: support }), orders, 428)
})

test("[8] what is not there is 404", async () => {
  const { talk, orders, service } = await opened(serveReplacing)
  await using _ = service
  const call = { method: "PUT", path: "/orders/order-9", headers: { "If-Match": '"1"' }, body: moved } as const
  talk.expectStatus(await talk.call(service.url, call), 404, "PUT /orders/order-9")
  if (orders.order.id !== "order-1") talk.wrong(words("없는 주문을 만들었어요", "an order that was not there was made"))
})

test("[8] a change whose body arrives late is compared when it has arrived", async () => {
  const { talk, orders, service, handling } = await opened(both)
  await using _ = service
  const tag = await tagSeenBy(customer, talk, service)
  const late = begunPut(service.url, tag, wished)
  await handling
  talk.tell(
    "{0:이/가} {1:을/를} 보내기 시작해요. 본문은 아직이에요",
    "{0} begins to send {1}; the body is still to come",
    support,
    code(`PUT ${path} · If-Match: ${tag}`),
  )
  const change = { method: "PUT", path, headers: { "If-Match": tag }, body: moved, who: customer } as const
  talk.expectStatus(await talk.call(service.url, change), 200, `PUT ${path}`)
  late.end(JSON.stringify(wished))
  talk.tell("{0}의 본문이 마저 도착해요: {1}", "the body of {0} arrives: {1}", support, code(JSON.stringify(wished)))
  const [response] = (await once(late, "response")) as [IncomingMessage]
  const answer = { status: response.statusCode ?? 0, headers: new Headers(), text: await text(response), body: undefined }
  talk.tellAnswer(answer)
  expectRefused(talk, answer, orders, 412)
})

/** A PUT whose headers are on their way. */
function begunPut(url: string, tag: string, details: Details): ClientRequest {
  const length = Buffer.byteLength(JSON.stringify(details))
  const headers = { "If-Match": tag, "Content-Type": "application/json", "Content-Length": length, "Expect-Body": "late" }
  const request = httpRequest(`${url}${path}`, { method: "PUT", headers })
  request.on("error", () => {}) // where the test fails before it ends the request
  request.flushHeaders()
  return request
}

/** The customer's new address must still stand. */
function expectRefused(talk: Conversation, answer: Answer | undefined, orders: Kept, status: number): void {
  if (orders.order.address !== moved.address) {
    talk.anomaly(
      "LOST",
      words("고객이 바꾼 주소가 상담원의 변경에 덮였어요", "the address that the customer changed is overwritten by the support desk"),
    )
  }
  talk.expectStatus(answer, status, `PUT ${path}`)
}

function expectOrder(talk: Conversation, answer: Answer | undefined, orders: Kept): void {
  const body = answer?.body as Partial<Order> | undefined
  const { address, wish } = orders.order
  if (isDeepStrictEqual({ address: body?.address, wish: body?.wish }, { address, wish })) return
  talk.wrong(words("본문이 지금의 주문 {0:이/가} 아니에요", "the body is not the order as it is, {0}", code(JSON.stringify(orders.order))))
}
