import type { Broker, Consumer } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export interface Order {
  readonly id: string
  readonly dish: string
}

/** Rejects when it cannot do its part now: the order then has to come again, to it and to nobody else. */
export interface Service {
  readonly name: string
  handle(order: Order): Promise<void>
}

/** Task 6. Tells the couriers that a meal is ready to be fetched. Fulfilled when the notice can no longer get lost. */
export async function notifyCouriers(broker: Broker, order: Order): Promise<void> {
  throw new Todo(6)
}

/** Task 6. One of the couriers fetches it. */
export function startCouriers(broker: Broker, couriers: readonly Service[]): Consumer[] {
  throw new Todo(6)
}

/** Task 7. Says that an order was created, to whom it may concern. */
export async function publishCreated(broker: Broker, order: Order): Promise<void> {
  throw new Todo(7)
}

/** Task 7. Every one of the services hears of each order. */
export function subscribeAll(broker: Broker, services: readonly Service[]): Consumer[] {
  throw new Todo(7)
}
