import type { Hono } from "hono"
import { Todo } from "#workbook/todo.ts"

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

/** Task 6. `POST /orders`: keeps the order in `orders` and answers 201. The `Content-Type` says in which version it comes. */
export function takeOrders(app: Hono, orders: Map<string, Order>): void {
  throw new Todo(6)
}

/** Task 7. `GET /orders/:id`: the order in the version that `Accept` asks for. */
export function showOrders(app: Hono, orders: ReadonlyMap<string, Order>): void {
  throw new Todo(7)
}
