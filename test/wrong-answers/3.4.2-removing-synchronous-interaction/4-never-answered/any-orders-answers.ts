// ko: 어느 주문의 답인지 보지 않는다. 다른 주문에 답한 곳도 답한 곳이 된다
// en: Does not look whose answers they are: who has answered about another order counts as well
// caught by: [9]
import type { Database, Outbox } from "#waystation"

export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly string[] }
export type Service = "consumer" | "kitchen" | "card"
/** Its tables: orders (id, consumer_id, items, status) and validation (order_id, answered_by, passed). */
export type OrderService = { readonly database: Database; readonly outbox: Outbox; readonly timer: Timer }
/** Calls back after so many milliseconds: `setTimeout()`, in virtual time. */
export type Timer = (ms: number, callback: () => void) => void
/** A message to oneself, on the queue `order-deadlines`: the time for this order's answers is over. */
export type Deadline = { readonly orderId: string }
/** On the channel `order-events`; `missing` are those who have not answered. */
export type OrderDecided = { type: "OrderDecided"; orderId: string; status: "REJECTED"; missing: Service[] }

/** Given: task 4 without its transaction. `false` if the order is there already. */
export function storeOrder({ database, outbox }: OrderService, { id, consumerId, items }: Order): boolean {
  const insert = database.prepare("INSERT INTO orders VALUES (?, ?, ?, 'PENDING') ON CONFLICT DO NOTHING")
  if (insert.run(id, consumerId, JSON.stringify(items)).changes === 0) return false
  outbox.send("order-events", { type: "OrderCreated", order: { id, consumerId, items } })
  return true
}

/** Task 8. The deadline lies in the outbox with the order: no crash takes the one without the other. */
export function placeOrder(service: OrderService, order: Order): void {
  const place = service.database.transaction(() => {
    if (!storeOrder(service, order)) return
    service.outbox.send("order-deadlines", { orderId: order.id } satisfies Deadline, { delayMs: 15 * 60_000 })
  })
  place.immediate()
}

/** Task 9. The same guard as in task 7: whichever comes first, the last answer or the deadline, has decided. */
export function endWaiting({ database, outbox }: OrderService, { orderId }: Deadline): void {
  const end = database.transaction(() => {
    const update = database.prepare("UPDATE orders SET status = 'REJECTED' WHERE id = ? AND status = 'PENDING'")
    if (update.run(orderId).changes === 0) return
    const answers = database.prepare<[], Service>("SELECT answered_by FROM validation").pluck().all()
    const missing = (["consumer", "kitchen", "card"] as const).filter((by) => !answers.includes(by))
    outbox.send("order-events", { type: "OrderDecided", orderId, status: "REJECTED", missing } satisfies OrderDecided)
  })
  end.immediate()
}
