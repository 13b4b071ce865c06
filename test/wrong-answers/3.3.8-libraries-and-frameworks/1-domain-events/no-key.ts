// ko: 키 없이 보낸다. 파티션 채널은 받지 않고, 릴레이는 거기서 멈춘다
// en: Sends without a key: the partitioned channel refuses it, and the relay gets no further
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
      const headers = { "event-type": type, "event-aggregate-type": aggregateType, "event-aggregate-id": aggregateId }
      this.outbox.send(aggregateType, data, { headers })
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
