// ko: 종류와 식별자를 헤더가 아니라 본문에 넣는다
// en: Puts the type and the ids into the body and not into headers
// caught by: [1]
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
      // What must stay in order is what happened to one aggregate.
      this.outbox.send(aggregateType, { ...Object(data), type, aggregateType, aggregateId }, { key: aggregateId })
    }
  }
}

/** Task 2. Only if there is a new row is there something to tell. */
export function placeOrder(database: Database, publisher: DomainEventPublisher, { id, cents }: Order): void {
  const place = database.transaction(() => {
    const { changes } = database.prepare("INSERT INTO orders VALUES (?, ?, 'PLACED') ON CONFLICT DO NOTHING").run(id, cents)
    if (changes > 0) publisher.publish("Order", id, [{ type: "OrderPlaced", data: { orderId: id, cents } }])
  })
  place.immediate()
}

/** Task 2. The same, of an order that can still be cancelled. */
export function cancelOrder(database: Database, publisher: DomainEventPublisher, orderId: string): void {
  const cancel = database.transaction(() => {
    const { changes } = database.prepare("UPDATE orders SET state = 'CANCELLED' WHERE id = ? AND state = 'PLACED'").run(orderId)
    if (changes > 0) publisher.publish("Order", orderId, [{ type: "OrderCancelled", data: { orderId } }])
  })
  cancel.immediate()
}
