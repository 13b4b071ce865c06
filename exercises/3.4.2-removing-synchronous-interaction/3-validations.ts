import type { Database, Outbox } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type Status = "PENDING" | "VALIDATED" | "REJECTED"
export type Service = "consumer" | "kitchen" | "card"

/** What a service says about an order, once it has validated it. */
export type Validation = { readonly orderId: string; readonly by: Service; readonly passed: boolean; readonly reason?: string }

/** Its tables: orders (id, …, status) and validation (order_id, answered_by, passed, PRIMARY KEY (order_id, answered_by)). */
export type OrderService = { readonly database: Database; readonly outbox: Outbox }

/** What all the others hear, on the channel `order-events`. */
export type OrderDecided = { readonly type: "OrderDecided"; readonly orderId: string; readonly status: Status }

/** Task 6. What these answers, in the order in which they came, make of their order. */
export function decide(answers: readonly Validation[]): Status {
  throw new Todo(6)
}

/** Task 7. Keeps the answer, decides, and announces what was decided. */
export function recordValidation(service: OrderService, validation: Validation): void {
  throw new Todo(7)
}
