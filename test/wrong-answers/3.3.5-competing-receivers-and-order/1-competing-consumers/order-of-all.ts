// ko: 주문을 가리지 않고 전체 순서를 비교한다. 서로 다른 주문이 앞서거니 뒤서거니 하는 것까지 추월로 센다
// en: Compares the order of all events: that different orders pass each other counts as overtaking, too
// caught by: [2]
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
  return kitchens.map((kitchen) => orders.consume((message) => kitchen.handle(message.body)))
}

/** Task 2. The ids of the orders of which a later event was finished before an earlier one. */
export function overtaken(sent: readonly OrderEvent[], finished: readonly OrderEvent[]): string[] {
  return sent.filter((event, index) => finished[index] !== event).map((event) => event.orderId)
}

/** Task 3. The queue in which one order's events keep their order, and other orders do not wait for them. */
export function openOrders(broker: Broker): Queue<OrderEvent> {
  return broker.queue<OrderEvent>("orders", { orderByKey: true })
}

/** Task 3. Sends an event to that queue. */
export function sendOrder(orders: Queue<OrderEvent>, event: OrderEvent): Promise<string> {
  return orders.send(event, { key: event.orderId })
}
