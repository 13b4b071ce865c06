import type { Database, Outbox } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly string[] }
export type Status = "PENDING" | "VALIDATED" | "REJECTED"

/** The order service. Its database has the table orders (id TEXT PRIMARY KEY, consumer_id TEXT, items TEXT, status TEXT). */
export type OrderService = {
  readonly database: Database
  /** In the same database: what it holds after a commit, a relay publishes. */
  readonly outbox: Outbox
  /** Calls a service: whether the order is all right, as far as it knows. Task 4 does without. */
  readonly validate: (by: "consumer" | "kitchen" | "card", order: Order) => Promise<boolean>
}

/** What all the others hear, on the channel `order-events`. */
export type OrderCreated = { readonly type: "OrderCreated"; readonly order: Order }

/** Task 4. Takes the order, as PENDING, and announces it. Of one that is there already it says the status and no more. */
export async function placeOrder(service: OrderService, order: Order): Promise<Status> {
  throw new Todo(4)
}

export type Clock = { sleep(ms: number): Promise<void> }

/** Task 5. The client's: asks for the status until it is decided, for half a minute. */
export async function follow(askStatus: () => Promise<Status>, clock: Clock): Promise<Status> {
  throw new Todo(5)
}
