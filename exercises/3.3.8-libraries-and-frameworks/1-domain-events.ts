import type { Database, Outbox } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** Something that happened to an aggregate, such as an order. */
export type DomainEvent = { readonly type: string; readonly data: unknown }
export type Order = { readonly id: string; readonly cents: number }

export class DomainEventPublisher {
  readonly outbox: Outbox

  constructor(outbox: Outbox) {
    this.outbox = outbox
  }

  /** Task 1. Publishes what happened to one aggregate, in the transaction that the caller has open. */
  publish(aggregateType: string, aggregateId: string, events: readonly DomainEvent[]): void {
    throw new Todo(1)
  }
}

/** Task 2. Puts a new order into orders (id TEXT PRIMARY KEY, cents INTEGER, state TEXT) as PLACED, and publishes OrderPlaced. */
export function placeOrder(database: Database, publisher: DomainEventPublisher, order: Order): void {
  throw new Todo(2)
}

/** Task 2. Makes a PLACED order CANCELLED, and publishes OrderCancelled. */
export function cancelOrder(database: Database, publisher: DomainEventPublisher, orderId: string): void {
  throw new Todo(2)
}
