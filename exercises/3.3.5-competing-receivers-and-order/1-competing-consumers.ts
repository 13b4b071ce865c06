import type { Broker, Consumer, Queue } from "#waystation"
import { Todo } from "#workbook/todo.ts"

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
  throw new Todo(1)
}

/** Task 2. The ids of the orders of which a later event was finished before an earlier one. */
export function overtaken(sent: readonly OrderEvent[], finished: readonly OrderEvent[]): string[] {
  throw new Todo(2)
}

/** Task 3. The queue in which one order's events keep their order, and other orders do not wait for them. */
export function openOrders(broker: Broker): Queue<OrderEvent> {
  throw new Todo(3)
}

/** Task 3. Sends an event to that queue. */
export function sendOrder(orders: Queue<OrderEvent>, event: OrderEvent): Promise<string> {
  throw new Todo(3)
}
