// ko: 발행을 비동기로 만든다. 두 번째 이벤트부터는 호출한 쪽의 트랜잭션이 끝난 뒤에 나간다
// en: Publishes asynchronously: from the second event on the caller's transaction is over
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

  /** Task 1. */
  async publish(aggregateType: string, aggregateId: string, events: readonly DomainEvent[]): Promise<void> {
    for (const { type, data } of events) {
      const headers = { "event-type": type, "event-aggregate-type": aggregateType, "event-aggregate-id": aggregateId }
      // What must stay in order is what happened to one aggregate.
      await this.outbox.send(aggregateType, data, { key: aggregateId, headers })
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
