import type { Consumer, Database, Queue } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type OrderDelivered = { readonly orderId: string; readonly customerId: string; readonly cents: number }
export type OrderPlaced = { readonly orderId: string; readonly cents: number }

/** A company elsewhere. Of several charges with one key it makes only the first, and answers all of them alike. */
export type CardCompany = { charge(payment: { key: string; cents: number }): Promise<void> }

/** Task 4. Adds the points of task 2 for what comes from the queue, with the broker's inbox: table points (customer_id, balance). */
export function consumePoints(queue: Queue<OrderDelivered>, database: Database): Consumer {
  throw new Todo(4)
}

/** Task 5. Charges the card for every order that comes from the queue, once. */
export function consumePayments(queue: Queue<OrderPlaced>, card: CardCompany): Consumer {
  throw new Todo(5)
}
