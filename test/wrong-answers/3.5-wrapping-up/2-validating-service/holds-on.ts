// ko: 거절된 주문의 예약을 풀지 않는다
// en: Hears of a rejection and does nothing: what it holds for the order is never released
// caught by: [5]
import type { Inbox, Message, Outbox } from "#waystation"

type Item = { readonly dish: string; readonly portions: number }
export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly Item[] }
export type OrderCreated = { readonly type: "OrderCreated"; readonly order: Order }
export type OrderDecided = { readonly type: "OrderValidated" | "OrderRejected"; readonly orderId: string }

export type ValidatingService = {
  readonly by: "consumer" | "kitchen" | "card"
  /** The reason for a no, or nothing. */
  readonly check: (order: Order) => string | undefined
  readonly inbox: Inbox
  readonly outbox: Outbox
}

/** Task 4. What is held, the answer, and that this message is done: one commit, and so all of them or none, and once. */
export function onCreated({ by, check, inbox, outbox }: ValidatingService, message: Message<OrderCreated>): void {
  const { order } = message.body
  inbox.once(message, by, (database) => {
    const reason = check(order)
    const passed = reason === undefined
    database.prepare("INSERT INTO reservation (order_id, state) VALUES (?, ?)").run(order.id, passed ? "HELD" : "REFUSED")
    outbox.send("order-validations", { orderId: order.id, by, passed, ...(!passed && { reason }) })
  })
}

/** Task 5. Comes after OrderCreated, as of one key. Only what is held can be confirmed or released, so twice is as good as once. */
export function onDecided({ by, inbox }: ValidatingService, message: Message<OrderDecided>): void {
  const { type, orderId } = message.body
  if (type === "OrderRejected") return
  inbox.once(message, by, (database) => {
    const state = type === "OrderValidated" ? "CONFIRMED" : "RELEASED"
    database.prepare("UPDATE reservation SET state = ? WHERE order_id = ? AND state = 'HELD'").run(state, orderId)
  })
}

export function onEvent(service: ValidatingService, message: Message<OrderCreated | OrderDecided>): void {
  if (message.body.type === "OrderCreated") onCreated(service, message as Message<OrderCreated>)
  else onDecided(service, message as Message<OrderDecided>)
}
