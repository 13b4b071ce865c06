import type { Database, Outbox } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly string[] }
export type Service = "consumer" | "kitchen" | "card"
/** Its tables: orders (id, consumer_id, items, status) and validation (order_id, answered_by, passed). */
export type OrderService = { readonly database: Database; readonly outbox: Outbox; readonly timer: Timer }
/** Calls back after so many milliseconds: `setTimeout()`, in virtual time. */
export type Timer = (ms: number, callback: () => void) => void
/** A message to oneself, on the queue `order-deadlines`: the time for this order's answers is over. */
export type Deadline = { readonly orderId: string }
/** On the channel `order-events`; `missing` are those who have not answered. */
export type OrderDecided = { type: "OrderDecided"; orderId: string; status: "REJECTED"; missing: Service[] }

/** Given: task 4 without its transaction. `false` if the order is there already. */
export function storeOrder({ database, outbox }: OrderService, { id, consumerId, items }: Order): boolean {
  const insert = database.prepare("INSERT INTO orders VALUES (?, ?, ?, 'PENDING') ON CONFLICT DO NOTHING")
  if (insert.run(id, consumerId, JSON.stringify(items)).changes === 0) return false
  outbox.send("order-events", { type: "OrderCreated", order: { id, consumerId, items } })
  return true
}

/** Task 8. Stores the order; and whatever happens, 15 minutes later its deadline comes. */
export function placeOrder(service: OrderService, order: Order): void {
  throw new Todo(8)
}

/** Task 9. Rejects the order if it is still open, and says so. */
export function endWaiting(service: OrderService, deadline: Deadline): void {
  throw new Todo(9)
}
