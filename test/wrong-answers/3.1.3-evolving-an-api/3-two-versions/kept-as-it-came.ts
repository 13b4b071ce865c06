// ko: 온 모양 그대로 보관해서, 서비스 안에 두 가지 주문이 생긴다
// en: Keeps orders as they came: there are two kinds of them in the service now
// caught by: [6]
import type { Hono } from "hono"

export interface Item {
  readonly name: string
  readonly quantity: number
}
/** An order as the service keeps it, whichever version it came in. */
export interface Order {
  readonly orderId: string
  readonly items: readonly Item[]
}

/** `{ orderId, name, quantity }`: in the first version an order had one item. */
export const v1 = "application/vnd.waystation.order.v1+json"
/** `{ orderId, items: [{ name, quantity }, …] }` */
export const v2 = "application/vnd.waystation.order.v2+json"

/** Who names no version was there before there were versions. */
const unversioned = ["", "*/*", "application/json"]

function versionOf(type: string | undefined): 1 | 2 | undefined {
  if (type === v1 || unversioned.includes(type ?? "")) return 1
  return type === v2 ? 2 : undefined
}

/** Task 6. The versions end at the door: behind it there is one kind of order. */
export function takeOrders(app: Hono, orders: Map<string, Order>): void {
  app.post("/orders", async (context) => {
    const version = versionOf(context.req.header("Content-Type"))
    if (!version) return context.text(`This service takes ${v1} and ${v2}.`, 415)
    const order = await context.req.json()
    orders.set(order.orderId, order)
    return context.body(null, 201)
  })
}

/** Task 7. What the old version cannot say is refused: a part of an order would look like a whole one. */
export function showOrders(app: Hono, orders: ReadonlyMap<string, Order>): void {
  app.get("/orders/:id", (context) => {
    // A cache between here and the client must keep the two versions apart.
    context.header("Vary", "Accept")
    const order = orders.get(context.req.param("id"))
    if (!order) return context.notFound()
    const version = versionOf(context.req.header("Accept"))
    if (version === 2) return context.json(order, 200, { "Content-Type": v2 })
    const [item, ...others] = order.items
    if (!version || others.length > 0) return context.text(`This order can be had as ${v2}.`, 406)
    return context.json({ orderId: order.orderId, ...item }, 200, { "Content-Type": v1 })
  })
}
