import { isDeepStrictEqual } from "node:util"
import { test } from "vitest"
import { type Order, serveCancelling, serveCreating, serveReading } from "#work/3.2.1-rest/1-order-resource.ts"
import { code, words } from "../support/language.ts"
import { type Answer, Conversation } from "./conversation.ts"

const draft = { customerId: "customer-1", dishes: [{ dish: "bibimbap", quantity: 2 }] }

/** The orders of a service, kept in memory. */
class Kept {
  readonly all: Order[] = []

  readonly find = (id: string): Order | undefined => this.all.find((order) => order.id === id)
  readonly ofCustomer = (customerId: string): Order[] => this.all.filter((order) => order.customerId === customerId)
  readonly create = (content: Order | typeof draft): Order =>
    this.#save({ status: "PENDING", ...content, id: `order-${this.all.length + 1}` })
  readonly cancel = (id: string): Order => this.set(id, "CANCELLED")

  set(id: string, status: Order["status"]): Order {
    const place = this.all.findIndex((order) => order.id === id)
    const changed = { ...(this.all[place] ?? { ...draft, id }), status }
    if (place >= 0) this.all[place] = changed
    return changed
  }

  #save(order: Order): Order {
    this.all.push(order)
    return order
  }
}

/** Orders 1 and 2 are customer 1's. */
function keptOrders(): Kept {
  const orders = new Kept()
  orders.create(draft)
  orders.create({ ...draft, dishes: [{ dish: "kimbap", quantity: 1 }] })
  return orders
}

function expectBody(talk: Conversation, answer: Answer | undefined, expected: unknown, asked: string): void {
  if (answer && isDeepStrictEqual(answer.body, JSON.parse(JSON.stringify(expected)))) return
  talk.wrong(
    words("{0}의 본문이 {1:과/와} 달라요", "the body that {0} was answered with is not {1}", code(asked), code(JSON.stringify(expected))),
  )
}

test("[1] an order is read at its own address", async () => {
  const [talk, orders] = [new Conversation(), keptOrders()]
  const app = talk.app()
  serveReading(app, orders)
  await using service = await talk.serve(app)
  const found = await talk.call(service.url, { method: "GET", path: "/orders/order-2" })
  talk.expectStatus(found, 200, "GET /orders/order-2")
  expectBody(talk, found, orders.find("order-2"), "GET /orders/order-2")
})

test("[1] an order that is not there is 404", async () => {
  const talk = new Conversation()
  const app = talk.app()
  serveReading(app, keptOrders())
  await using service = await talk.serve(app)
  talk.expectStatus(await talk.call(service.url, { method: "GET", path: "/orders/order-9" }), 404, "GET /orders/order-9")
})

test("[1] a customer's orders are a list, also when there are none", async () => {
  for (const customerId of ["customer-1", "customer-9"]) {
    const [talk, orders] = [new Conversation(), keptOrders()]
    const app = talk.app()
    serveReading(app, orders)
    await using service = await talk.serve(app)
    const path = `/orders?customerId=${customerId}`
    const list = await talk.call(service.url, { method: "GET", path })
    talk.expectStatus(list, 200, `GET ${path}`)
    expectBody(talk, list, orders.ofCustomer(customerId), `GET ${path}`)
  }
})

test("[2] what was created has an address", async () => {
  const [talk, orders] = [new Conversation(), keptOrders()]
  const app = talk.app()
  serveCreating(app, orders)
  await using service = await talk.serve(app)
  const created = await talk.call(service.url, { method: "POST", path: "/orders", body: draft })
  talk.expectStatus(created, 201, "POST /orders")
  const order = orders.all[2]
  if (!order || orders.all.length > 3) talk.wrong(words("주문 {0}개가 만들어졌어요", "{0} orders were made", orders.all.length - 2))
  const location = created?.headers.get("Location")
  if (!location) throw talk.wrong(words("응답에 Location이 없어요", "there is no Location in the answer"))
  if (new URL(location, service.url).pathname !== `/orders/${order?.id}`) {
    talk.wrong(words("Location이 {0:이/가} 아니에요", "Location is not {0}", code(`/orders/${order?.id}`)))
  }
  expectBody(talk, created, order, "POST /orders")
})

const refused = [
  { body: '{"customerId": "customer-1", "dishes"', status: 400 },
  { body: { ...draft, dishes: [] }, status: 422 },
  { body: { ...draft, dishes: [{ dish: "bibimbap", quantity: 0 }] }, status: 422 },
  { body: { dishes: draft.dishes }, status: 422 },
  { body: "null", status: 422 },
]

test("[2] what cannot be an order is refused, and nothing is created", async () => {
  for (const { body, status } of refused) {
    const [talk, orders] = [new Conversation(), keptOrders()]
    const app = talk.app()
    serveCreating(app, orders)
    await using service = await talk.serve(app)
    const answer = await talk.call(service.url, { method: "POST", path: "/orders", body })
    if (orders.all.length > 2) talk.anomaly("PHANTOM", words("주문일 수 없는 것이 주문이 됐어요", "what cannot be an order has become one"))
    talk.expectStatus(answer, status, "POST /orders")
  }
})

test("[3] an order is cancelled, and asking once more changes nothing", async () => {
  const [talk, orders] = [new Conversation(), keptOrders()]
  const app = talk.app()
  serveCancelling(app, orders)
  await using service = await talk.serve(app)
  const path = "/orders/order-1/cancellation"
  for (const _ of ["once", "again"]) {
    const answer = await talk.call(service.url, { method: "PUT", path })
    talk.expectStatus(answer, 200, `PUT ${path}`)
    expectBody(talk, answer, { ...draft, id: "order-1", status: "CANCELLED" }, `PUT ${path}`)
    if (orders.find("order-1")?.status !== "CANCELLED") {
      talk.anomaly("PHANTOM", words("취소됐다고 답했지만 {0:은/는} 그대로예요", "{0} is said to be cancelled, and is not", code("order-1")))
    }
  }
})

test("[3] what the kitchen has begun, and what is not there, cannot be cancelled", async () => {
  for (const { id, status } of [
    { id: "order-2", status: 409 },
    { id: "order-9", status: 404 },
  ]) {
    const [talk, orders] = [new Conversation(), keptOrders()]
    orders.set("order-2", "PREPARING")
    if (status === 409) talk.tell("주방이 {0:을/를} 시작해요", "the kitchen begins {0}", code("order-2"))
    const app = talk.app()
    serveCancelling(app, orders)
    await using service = await talk.serve(app)
    const path = `/orders/${id}/cancellation`
    const answer = await talk.call(service.url, { method: "PUT", path })
    talk.expectStatus(answer, status, `PUT ${path}`)
    if (orders.find("order-2")?.status === "PREPARING") continue
    talk.wrong(words("이미 조리 중인 {0:이/가} 취소됐어요", "{0} was cancelled while it is being cooked", code("order-2")))
  }
})
