// ko: Accept를 보지 않고 언제나 v2로 답한다. 옛 클라이언트는 name을 찾지 못한다
// en: Ignores Accept and always answers in v2: old clients find no name
// caught by: [7]
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
    const { orderId, items, name, quantity } = await context.req.json()
    orders.set(orderId, { orderId, items: version === 2 ? items : [{ name, quantity }] })
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
    const version = 2 as 1 | 2
    if (version === 2) return context.json(order, 200, { "Content-Type": v2 })
    const [item, ...others] = order.items
    if (!version || others.length > 0) return context.text(`This order can be had as ${v2}.`, 406)
    return context.json({ orderId: order.orderId, ...item }, 200, { "Content-Type": v1 })
  })
}
