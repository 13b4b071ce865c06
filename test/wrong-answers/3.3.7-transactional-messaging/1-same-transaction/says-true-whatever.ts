// ko: 취소된 것이 없어도 true를 돌려준다
// en: Returns true whether or not anything was cancelled
// caught by: [2]
import { randomUUID } from "node:crypto"
import type { Database, Outbox, Queue } from "#waystation"

export type Order = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 1. One commit for both: the kitchen's queue is in another file, which no transaction of this one reaches. */
export function placeOrder(database: Database, _kitchen: Queue<Order>, order: Order): void | Promise<void> {
  const place = database.transaction(() => {
    database.prepare("INSERT INTO orders (order_id, customer_id, cents) VALUES (?, ?, ?)").run(order.orderId, order.customerId, order.cents)
    database.prepare("INSERT INTO outbox (message_id, body) VALUES (?, ?)").run(randomUUID(), JSON.stringify(order))
  })
  place.immediate()
}

/** Task 2. Whether there is anything to tell is decided in the transaction, too: only who changed the state sends. */
export function cancelOrder(database: Database, outbox: Outbox, orderId: string): boolean {
  const cancel = database.transaction(() => {
    const { changes } = database.prepare("UPDATE orders SET state = 'CANCELLED' WHERE order_id = ? AND state = 'PLACED'").run(orderId)
    if (changes === 1) outbox.send("order-cancelled", { orderId })
    return true
  })
  return cancel.immediate()
}
