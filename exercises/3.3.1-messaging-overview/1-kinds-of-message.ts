import { Todo } from "#workbook/todo.ts"

export type Order = { readonly orderId: string; readonly items: readonly string[]; readonly cents: number }
/** A command asks somebody to do something, a document carries data, an event says what has happened. */
export type Kind = "command" | "document" | "event"
/** Headers are for whoever carries the message; the body is for whoever it is meant for. */
export type Message = { readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
/** Who sends, and where an answer goes: to which channel, and under which id. */
export type Sender = { readonly service: string; readonly replyTo: string; readonly correlationId: string }

/** Task 1. What kind of message each of these is. */
export function kindOf(type: "CookOrder" | "OrderPlaced" | "OrderDetails" | "CardDeclined" | "RefundPayment" | "MenuOfTheDay"): Kind {
  throw new Todo(1)
}

/** Task 2. The command CookOrder for this order. Headers: type, sent-by, reply-to, correlation-id. */
export function cookOrder(order: Order, sender: Sender): Message {
  throw new Todo(2)
}

/** Task 2. The event OrderPlaced. Headers: type, sent-by. It asks for no answer. */
export function orderPlaced(order: Order, sender: Sender): Message {
  throw new Todo(2)
}
