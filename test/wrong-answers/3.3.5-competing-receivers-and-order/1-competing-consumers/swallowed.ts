// ko: 핸들러가 예외를 삼켜서 거절된 이벤트도 처리된 것이 된다
// en: The handler swallows the exception: an event that was refused counts as done
// caught by: [1] [3]
import type { Broker, Consumer, Queue } from "#waystation"

/** Something happened to an order. */
export interface OrderEvent {
  readonly orderId: string
  readonly what: "created" | "changed" | "cancelled"
}

/** Works on one event at a time. Rejects when it cannot do it now: the event then has to come again. */
export interface Kitchen {
  handle(event: OrderEvent): Promise<void>
}

/** Task 1. Every kitchen takes events from the one queue, each as soon as it is free. */
export function startKitchens(orders: Queue<OrderEvent>, kitchens: readonly Kitchen[]): Consumer[] {
  return kitchens.map((kitchen) =>
    orders.consume(async (message) => {
      try {
        await kitchen.handle(message.body)
      } catch {}
    }),
  )
}

/** Task 2. The ids of the orders of which a later event was finished before an earlier one. */
export function overtaken(sent: readonly OrderEvent[], finished: readonly OrderEvent[]): string[] {
  // Order by order: that another order's event came in between is no harm.
  const story = (events: readonly OrderEvent[], id: string) => events.flatMap((event) => (event.orderId === id ? [event.what] : [])).join()
  const ids = new Set(sent.map((event) => event.orderId))
  return [...ids].filter((id) => story(sent, id) !== story(finished, id))
}

/** Task 3. The queue in which one order's events keep their order, and other orders do not wait for them. */
export function openOrders(broker: Broker): Queue<OrderEvent> {
  return broker.queue<OrderEvent>("orders", { orderByKey: true })
}

/** Task 3. Sends an event to that queue. */
export function sendOrder(orders: Queue<OrderEvent>, event: OrderEvent): Promise<string> {
  // The key says what must stay in order: the order, not the queue as a whole.
  return orders.send(event, { key: event.orderId })
}
