import type { Database } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** An order is in a new state. `version` counts the states of one order: 1, 2, 3, … */
export type OrderEvent = {
  readonly orderId: string
  readonly version: number
  readonly status: "CREATED" | "PAID" | "CANCELLED"
}

/** Task 1. Keeps the newest state of each order in the table order_view (order_id TEXT PRIMARY KEY, status TEXT, version INTEGER). */
export function handleOrder(database: Database, event: OrderEvent): void {
  throw new Todo(1)
}
