import type { Inbox, Message, Outbox } from "#waystation"
import { Todo } from "#workbook/todo.ts"

type Item = { readonly dish: string; readonly portions: number }
export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly Item[] }
export type OrderCreated = { readonly type: "OrderCreated"; readonly order: Order }
export type OrderDecided = { readonly type: "OrderValidated" | "OrderRejected"; readonly orderId: string }

/** Inbox and outbox are in the service's own database, beside the table reservation (order_id TEXT, state TEXT). */
export type ValidatingService = {
  readonly by: "consumer" | "kitchen" | "card"
  /** The reason for a no, or nothing. */
  readonly check: (order: Order) => string | undefined
  readonly inbox: Inbox
  readonly outbox: Outbox
}

/** Task 4. Holds (HELD) or refuses (REFUSED) the order, and answers on "order-validations": all of it or nothing, and once. */
export function onCreated(service: ValidatingService, message: Message<OrderCreated>): void {
  throw new Todo(4)
}

/** Task 5. OrderValidated: what is HELD is CONFIRMED. OrderRejected: what is HELD is RELEASED. */
export function onDecided(service: ValidatingService, message: Message<OrderDecided>): void {
  throw new Todo(5)
}

export function onEvent(service: ValidatingService, message: Message<OrderCreated | OrderDecided>): void {
  if (message.body.type === "OrderCreated") onCreated(service, message as Message<OrderCreated>)
  else onDecided(service, message as Message<OrderDecided>)
}
