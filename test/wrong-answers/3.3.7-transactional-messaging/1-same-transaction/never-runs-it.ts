// ko: 트랜잭션 함수를 만들기만 하고 부르지 않는다
// en: Makes the transaction's function and does not call it
// caught by: [1] [2]
import { randomUUID } from "node:crypto"
import type { Database, Outbox, Queue } from "#waystation"

export type Order = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 1. One commit for both: the kitchen's queue is in another file, which no transaction of this one reaches. */
export function placeOrder(database: Database, _kitchen: Queue<Order>, order: Order): void | Promise<void> {
  const place = database.transaction(() => {
    database.prepare("INSERT INTO orders (order_id, customer_id, cents) VALUES (?, ?, ?)").run(order.orderId, order.customerId, order.cents)
    database.prepare("INSERT INTO outbox (message_id, body) VALUES (?, ?)").run(randomUUID(), JSON.stringify(order))
  })
  void place
}

/** Task 2. Whether there is anything to tell is decided in the transaction, too: only who changed the state sends. */
export function cancelOrder(database: Database, outbox: Outbox, orderId: string): boolean {
  const cancel = database.transaction(() => {
    const { changes } = database.prepare("UPDATE orders SET state = 'CANCELLED' WHERE order_id = ? AND state = 'PLACED'").run(orderId)
    if (changes === 1) outbox.send("order-cancelled", { orderId })
    return changes === 1
  })
  return Boolean(cancel)
}
