import type { Broker } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export interface Order {
  readonly id: string
  readonly dish: string
}

/** The kitchen's word on an order. A no is an answer, too. */
export interface Answer {
  readonly orderId: string
  readonly accepted: boolean
}

/** Task 2. POSTs the order to the kitchen's address as JSON. Rejects if no answer is to be had. */
export async function askByHttp(url: string, order: Order): Promise<Answer> {
  throw new Todo(2)
}

/** Task 3. The same over the broker's request/reply channel "kitchen". */
export async function askByMessage(broker: Broker, order: Order): Promise<Answer> {
  throw new Todo(3)
}
