import type { Hono } from "hono"
import * as v from "valibot"
import { Todo } from "#workbook/todo.ts"

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

/** Task 1. GET /orders/{id} and GET /orders?customerId={id} */
export function serveReading(app: Hono, orders: Orders): void {
  throw new Todo(1)
}

/** Task 2. POST /orders */
export function serveCreating(app: Hono, orders: Orders): void {
  throw new Todo(2)
}

/** Task 3. PUT /orders/{id}/cancellation */
export function serveCancelling(app: Hono, orders: Orders): void {
  throw new Todo(3)
}
