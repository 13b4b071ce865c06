import type { Database, Inbox, Message, Outbox } from "#waystation"
import { Todo } from "#workbook/todo.ts"

type Item = { readonly dish: string; readonly portions: number }
export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly Item[] }
export type Validation = { orderId: string; by: "consumer" | "kitchen" | "card"; passed: boolean; reason?: string }
export type Deadline = { readonly orderId: string }

/**
 * The service's own database, with its inbox and outbox. Its tables: orders (id TEXT PRIMARY KEY, consumer_id TEXT, items TEXT,
 * status TEXT), where items are JSON, and validation (order_id TEXT, by TEXT, passed INTEGER).
 */
export type OrderService = { database: Database; inbox: Inbox; outbox: Outbox; deadlineMs: number }

/** Task 1. Places the order as PENDING, announces OrderCreated, and sends itself the deadline: all of it or nothing, and once. */
export function placeOrder(service: OrderService, order: Order): void {
  throw new Todo(1)
}

/** Task 2. A service's answer. Three yes: VALIDATED and OrderValidated. One no: REJECTED and OrderRejected. */
export function recordValidation(service: OrderService, message: Message<Validation>): void {
  throw new Todo(2)
}

/** Task 3. The deadline has come: what is still PENDING is REJECTED, and OrderRejected announced. */
export function rejectLate(service: OrderService, message: Message<Deadline>): void {
  throw new Todo(3)
}
