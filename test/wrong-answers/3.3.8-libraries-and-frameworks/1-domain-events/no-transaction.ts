// ko: 행을 쓰고 나서 트랜잭션 없이 발행한다
// en: Writes the row and then publishes, without a transaction
// caught by: [2]
import type { Database, Outbox } from "#waystation"

/** Something that happened to an aggregate, such as an order. */
export type DomainEvent = { readonly type: string; readonly data: unknown }
export type Order = { readonly id: string; readonly cents: number }

export class DomainEventPublisher {
  readonly outbox: Outbox

  constructor(outbox: Outbox) {
    this.outbox = outbox
  }

  /** Task 1. Joins the transaction that the caller has open, because the outbox does: nothing here may wait. */
  publish(aggregateType: string, aggregateId: string, events: readonly DomainEvent[]): void {
    for (const { type, data } of events) {
      const headers = { "event-type": type, "event-aggregate-type": aggregateType, "event-aggregate-id": aggregateId }
      // What must stay in order is what happened to one aggregate.
      this.outbox.send(aggregateType, data, { key: aggregateId, headers })
    }
  }
}

/** Task 2. Only if there is a new row is there something to tell. */
export function placeOrder(database: Database, publisher: DomainEventPublisher, { id, cents }: Order): void {
  const { changes } = database.prepare("INSERT INTO orders VALUES (?, ?, 'PLACED') ON CONFLICT DO NOTHING").run(id, cents)
  if (changes > 0) publisher.publish("Order", id, [{ type: "OrderPlaced", data: { orderId: id, cents } }])
}

/** Task 2. The same, of an order that can still be cancelled. */
export function cancelOrder(database: Database, publisher: DomainEventPublisher, orderId: string): void {
  const { changes } = database.prepare("UPDATE orders SET state = 'CANCELLED' WHERE id = ? AND state = 'PLACED'").run(orderId)
  if (changes > 0) publisher.publish("Order", orderId, [{ type: "OrderCancelled", data: { orderId } }])
}
