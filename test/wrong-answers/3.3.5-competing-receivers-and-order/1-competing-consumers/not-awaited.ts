// ko: 처리가 끝나기를 기다리지 않는다. 핸들러가 바로 돌아오므로 이벤트는 처리되기 전에 ack된다
// en: The handler does not wait: it returns at once, so the event is acknowledged before it is handled
// caught by: [1]
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
    orders.consume((message) => {
      kitchen.handle(message.body)
    }),
  )
}

/** Task 2. The ids of the orders of which a later event was finished before an earlier one. */
export function overtaken(sent: readonly OrderEvent[], finished: readonly OrderEvent[]): string[] {
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
  return orders.send(event, { key: event.orderId })
}
