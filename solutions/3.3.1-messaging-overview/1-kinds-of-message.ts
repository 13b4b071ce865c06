export type Order = { readonly orderId: string; readonly items: readonly string[]; readonly cents: number }
/** A command asks somebody to do something, a document carries data, an event says what has happened. */
export type Kind = "command" | "document" | "event"
/** Headers are for whoever carries the message; the body is for whoever it is meant for. */
export type Message = { readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
/** Who sends, and where an answer goes: to which channel, and under which id. */
export type Sender = { readonly service: string; readonly replyTo: string; readonly correlationId: string }

const kinds = {
  CookOrder: "command",
  OrderPlaced: "event",
  OrderDetails: "document",
  // It happened at the card company. What follows from it is up to whoever hears of it.
  CardDeclined: "event",
  RefundPayment: "command",
  MenuOfTheDay: "document",
} as const

/** Task 1. An imperative is a command, a past participle an event, a noun a document: names that keep to that need no comment. */
export function kindOf(type: keyof typeof kinds): Kind {
  return kinds[type]
}

/** Task 2. Whoever carries it finds in the headers all that it takes, and never looks into the body. */
export function cookOrder(order: Order, sender: Sender): Message {
  return {
    headers: { type: "CookOrder", "sent-by": sender.service, "reply-to": sender.replyTo, "correlation-id": sender.correlationId },
    // The kitchen needs to know what to cook, and not what it cost.
    body: { orderId: order.orderId, items: order.items },
  }
}

/** Task 2. What has happened, for whoever wants to know: no receiver, no instruction, no return address. */
export function orderPlaced(order: Order, sender: Sender): Message {
  return { headers: { type: "OrderPlaced", "sent-by": sender.service }, body: order }
}
