import type { Clock } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** The service gave no answer. "not made": it never heard of the request (breaker open, limit reached). "no answer": it may have. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError"
  readonly reason: "not made" | "no answer"

  constructor(reason: "not made" | "no answer") {
    super(reason)
    this.reason = reason
  }
}
export interface OrderPage {
  readonly orderId: string
  readonly minutes?: number // until the food is there, as the kitchen estimates it
  readonly asOf?: number // only with an earlier estimate: when the kitchen gave it
}
export interface PageParts {
  readonly clock: Clock
  readonly keepMs: number // an estimate that is older than this is of no use
  estimate(orderId: string): Promise<number> // asks the kitchen
  fellBack(error: UnavailableError): void // counts, for a dashboard
}
/** Task 9. The page of an order. The estimate is nice to have. */
export class OrderPages {
  readonly parts: PageParts
  constructor(parts: PageParts) {
    this.parts = parts
  }
  page(orderId: string): Promise<OrderPage> {
    throw new Todo(9)
  }
}

/** Task 10. What the customer is told: 201 paid, 402 declined, 503 nothing happened, try again, 202 we are finding out. */
export async function checkout(charge: () => Promise<"approved" | "declined">): Promise<201 | 202 | 402 | 503> {
  throw new Todo(10)
}
