/** What the example adds to the messages of section 3.5: a customer may think better of it. Nobody calls anybody. */
import type { Broker, Database, Message, PartitionedChannel } from "#waystation" // in a project of your own: "waystation"
import { type OrderCreated, type OrderDecided, onEvent, type ValidatingService } from "../solutions/3.5-wrapping-up/2-validating-service.ts"

export type OrderCancelled = { readonly type: "OrderCancelled"; readonly orderId: string }
export type OrderEvent = OrderCreated | OrderDecided | OrderCancelled

/** With the order's id as key, so that no order is cancelled before it is created. */
export function orderEvents(broker: Broker): PartitionedChannel<OrderEvent> {
  return broker.partitioned<OrderEvent>("order-events", { partitions: 4 })
}

/** Whatever is held or confirmed for a cancelled order is let go. Never too early: messages of one key come in the order sent. */
export function onEventOrCancellation(service: ValidatingService & { database: Database }, message: Message<OrderEvent>): void {
  if (message.body.type === "OrderCancelled") {
    const release = "UPDATE reservation SET state = 'RELEASED' WHERE order_id = ? AND state IN ('HELD', 'CONFIRMED')"
    service.database.prepare(release).run(message.body.orderId)
  } else onEvent(service, message as Message<OrderCreated | OrderDecided>)
}
