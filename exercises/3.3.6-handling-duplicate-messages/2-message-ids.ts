import type { Database, Message } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** An order has reached the customer. */
export type OrderDelivered = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/**
 * Task 2. Adds a point for every 100 cents to `balance` in points (customer_id TEXT PRIMARY KEY, balance INTEGER), once for each
 * message. There is also the table processed_message (consumer TEXT, message_id TEXT, PRIMARY KEY (consumer, message_id)).
 */
export function addPoints(database: Database, message: Message<OrderDelivered>): void {
  throw new Todo(2)
}

/** Task 3. Adds one to `orders` in order_count (customer_id TEXT PRIMARY KEY, orders INTEGER), once for each message. */
export function countOrder(database: Database, message: Message<OrderDelivered>): void {
  throw new Todo(3)
}
