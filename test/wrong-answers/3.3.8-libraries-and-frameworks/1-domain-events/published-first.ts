// ko: 트랜잭션 앞에서 발행한다. 그 사이에 죽으면 없는 주문의 이벤트가 나간다
// en: Publishes before the transaction: with a crash between them there is an event of an order that is not there
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
  const known = database.prepare("SELECT 1 FROM orders WHERE id = ?").get(id)
  if (known) return
  publisher.publish("Order", id, [{ type: "OrderPlaced", data: { orderId: id, cents } }])
  const place = database.transaction(() => {
    database.prepare("INSERT INTO orders VALUES (?, ?, 'PLACED') ON CONFLICT DO NOTHING").run(id, cents)
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
