// ko: 취소할 수 있는지 보고 아웃박스에 보낸 다음 취소한다. 그 사이에 죽으면 취소되지 않은 주문의 메시지가 나간다
// en: Looks whether it can be cancelled, sends, then cancels: a crash between them and the message is about an order that is not cancelled
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
  const placed = database.prepare("SELECT 1 FROM orders WHERE order_id = ? AND state = 'PLACED'").get(orderId)
  if (!placed) return false
  outbox.send("order-cancelled", { orderId })
  database.prepare("UPDATE orders SET state = 'CANCELLED' WHERE order_id = ?").run(orderId)
  return true
}
