import type { Database, Outbox, Queue } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type Order = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/**
 * Task 1. Stores the order, and sees to it that the kitchen hears of it. The tables:
 *   orders (order_id TEXT PRIMARY KEY, customer_id TEXT, cents INTEGER, state TEXT DEFAULT 'PLACED')
 *   outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, body TEXT)
 * A relay, which is given, takes what is in `outbox` and sends it to `kitchen`.
 */
export function placeOrder(database: Database, kitchen: Queue<Order>, order: Order): void | Promise<void> {
  throw new Todo(1)
}

/**
 * Task 2. Cancels an order that is PLACED, and sends { orderId } to the channel "order-cancelled". `outbox` is createOutbox(database).
 * Says whether the order was cancelled now.
 */
export function cancelOrder(database: Database, outbox: Outbox, orderId: string): boolean {
  throw new Todo(2)
}
