// ko: JSON이 아닌 본문을 읽다가 예외를 던져 500이 된다
// en: Reading a body that is no JSON throws, which becomes a 500
// caught by: [2]
import type { Hono } from "hono"
import * as v from "valibot"

/** What a customer sends. `v.safeParse(draftSchema, value)` gives { success: true, output } or { success: false, issues }. */
export const draftSchema = v.object({
  customerId: v.string(),
  dishes: v.pipe(v.array(v.object({ dish: v.string(), quantity: v.pipe(v.number(), v.integer(), v.minValue(1)) })), v.minLength(1)),
})
export type Draft = v.InferOutput<typeof draftSchema>
export type Order = Draft & { readonly id: string; readonly status: "PENDING" | "PREPARING" | "CANCELLED" }

/** The orders as the service keeps them. It does as it is told and asks no questions. */
export interface Orders {
  find(id: string): Order | undefined
  ofCustomer(customerId: string): Order[]
  create(draft: Draft): Order
  /** Makes it CANCELLED, whatever it was. */
  cancel(id: string): Order
}

/** Task 1. One address for each order, one for the list: what is not there is 404, a list without entries is a list. */
export function serveReading(app: Hono, orders: Orders): void {
  app.get("/orders/:id", (c) => {
    const order = orders.find(c.req.param("id"))
    return order ? c.json(order) : c.json({ title: "There is no such order." }, 404)
  })
  app.get("/orders", (c) => c.json(orders.ofCustomer(c.req.query("customerId") ?? "")))
}

/** Task 2. Nothing is created before all is checked; what was created has an address, and the client is told it. */
export function serveCreating(app: Hono, orders: Orders): void {
  app.post("/orders", async (c) => {
    const value: unknown = await c.req.json()
    const draft = v.safeParse(draftSchema, value)
    if (!draft.success) return c.json({ title: "That is no order.", issues: draft.issues.map((issue) => issue.message) }, 422)
    const order = orders.create(draft.output)
    return c.json(order, 201, { Location: `/orders/${order.id}` })
  })
}

/** Task 3. "Let it be cancelled" can be said again, unlike "cancel it": a client that heard no answer just asks once more. */
export function serveCancelling(app: Hono, orders: Orders): void {
  app.put("/orders/:id/cancellation", (c) => {
    const order = orders.find(c.req.param("id"))
    if (!order) return c.json({ title: "There is no such order." }, 404)
    if (order.status === "PREPARING") return c.json({ title: "The kitchen has begun." }, 409)
    return c.json(order.status === "CANCELLED" ? order : orders.cancel(order.id))
  })
}
