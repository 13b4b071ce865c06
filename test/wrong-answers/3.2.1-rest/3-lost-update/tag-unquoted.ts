// ko: ETag에 큰따옴표가 없다
// en: The ETag has no quotes
// caught by: [7]
import type { Hono } from "hono"

/** What may be changed in an order. */
export type Details = { readonly address: string; readonly wish: string }
/** `version` counts the changes. */
export type Order = Details & { readonly id: string; readonly version: number }

export interface Orders {
  find(id: string): Order | undefined
  /** Replaces the details, whatever they were, and counts the version up. */
  replace(id: string, details: Details): Order
}

const tagOf = (order: Order) => `${order.version}`

/** Task 7. The tag changes with the order and with nothing else. */
export function serveTagged(app: Hono, orders: Orders): void {
  app.get("/orders/:id", (c) => {
    const order = orders.find(c.req.param("id"))
    if (!order) return c.json({ title: "There is no such order." }, 404)
    const headers = { ETag: tagOf(order) }
    return c.req.header("If-None-Match") === tagOf(order) ? c.body(null, 304, headers) : c.json(order, 200, headers)
  })
}

/** Task 8. Nothing is awaited between the comparison and the change: whoever comes in between would be overwritten. */
export function serveReplacing(app: Hono, orders: Orders): void {
  app.put("/orders/:id", async (c) => {
    const details = await c.req.json<Details>()
    const order = orders.find(c.req.param("id"))
    if (!order) return c.json({ title: "There is no such order." }, 404)
    const seen = c.req.header("If-Match")
    if (!seen) return c.json({ title: "If-Match is missing: say which version you saw." }, 428)
    if (seen !== tagOf(order)) return c.json({ title: "The order has been changed since." }, 412)
    const changed = orders.replace(order.id, details)
    return c.json(changed, 200, { ETag: tagOf(changed) })
  })
}
