// ko: 주문을 가리지 않고 승인을 센다. 다른 주문이 받은 승인으로 통과한다
// en: Counts who said yes whatever the order: the yes to another one validates it
// caught by: [2]
import type { Database, Inbox, Message, Outbox } from "#waystation"

type Item = { readonly dish: string; readonly portions: number }
export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly Item[] }
export type Validation = { orderId: string; by: "consumer" | "kitchen" | "card"; passed: boolean; reason?: string }
export type Deadline = { readonly orderId: string }
export type OrderService = { database: Database; inbox: Inbox; outbox: Outbox; deadlineMs: number }

/** Task 1. The order, the word of it and the alarm clock are one commit: never one without the others. */
export function placeOrder({ database, outbox, deadlineMs }: OrderService, order: Order): void {
  const place = database.transaction(() => {
    const insert = "INSERT INTO orders (id, consumer_id, items, status) VALUES (?, ?, ?, 'PENDING') ON CONFLICT DO NOTHING"
    const { changes } = database.prepare(insert).run(order.id, order.consumerId, JSON.stringify(order.items))
    if (changes === 0) return
    outbox.send("order-events", { type: "OrderCreated", order }, { key: order.id })
    outbox.send("order-deadlines", { orderId: order.id }, { delayMs: deadlineMs })
  })
  place.immediate()
}

/** Task 2. In the inbox's transaction: a second delivery of the same answer is none. */
export function recordValidation(service: OrderService, message: Message<Validation>): void {
  const { orderId, by, passed } = message.body
  service.inbox.once(message, "order", (database) => {
    database.prepare("INSERT INTO validation (order_id, by, passed) VALUES (?, ?, ?)").run(orderId, by, passed ? 1 : 0)
    const yes = database.prepare("SELECT count(DISTINCT by) FROM validation WHERE passed = 1").pluck().get()
    if (!passed || yes === 3) decide(service, orderId, passed ? "VALIDATED" : "REJECTED")
  })
}

/** Task 3. The status that is waited for makes it harmless: who is late, or comes twice, finds nothing PENDING. */
export function rejectLate(service: OrderService, { body }: Message<Deadline>): void {
  service.database.transaction(() => decide(service, body.orderId, "REJECTED")).immediate()
}

function decide({ database, outbox }: OrderService, orderId: string, status: "VALIDATED" | "REJECTED"): void {
  const { changes } = database.prepare("UPDATE orders SET status = ? WHERE id = ? AND status = 'PENDING'").run(status, orderId)
  const type = status === "VALIDATED" ? "OrderValidated" : "OrderRejected"
  if (changes === 1) outbox.send("order-events", { type, orderId }, { key: orderId })
}
