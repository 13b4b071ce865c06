import type { Broker, Consumer } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export interface Order {
  readonly id: string
  readonly dish: string
}
export interface Answer {
  readonly orderId: string
  readonly accepted: boolean
}

/** Thinks about an order for as long as it takes. Rejects when it cannot say now: the request then has to come again. */
export interface Kitchen {
  accepts(order: Order): Promise<boolean>
}

/** The order service's table of orders. What is written in it is there after a crash, too. */
export interface Orders {
  answered(orderId: string, accepted: boolean): void
}

/** Task 4. The kitchen answers each request in the queue "kitchen-requests", to the channel that the request names. */
export function answerRequests(broker: Broker, kitchen: Kitchen): Consumer {
  throw new Todo(4)
}

/** Task 5. Asks the kitchen, naming a channel for the answer, and does not wait for it. */
export async function requestTicket(broker: Broker, order: Order): Promise<void> {
  throw new Todo(5)
}

/** Task 5. Writes each answer that comes there to its order. */
export function takeAnswers(broker: Broker, orders: Orders): Consumer {
  throw new Todo(5)
}
