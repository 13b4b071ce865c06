// ko: 트랜잭션 안에서 브로커에 보낸다. 브로커의 파일은 그 트랜잭션에 들어 있지 않다
// en: Sends to the broker from within the transaction, of which the broker's file is no part
// caught by: [1]
import type { Database, Outbox, Queue } from "#waystation"

export type Order = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 1. One commit for both: the kitchen's queue is in another file, which no transaction of this one reaches. */
export function placeOrder(database: Database, kitchen: Queue<Order>, order: Order): void {
  const place = database.transaction(() => {
    database.prepare("INSERT INTO orders (order_id, customer_id, cents) VALUES (?, ?, ?)").run(order.orderId, order.customerId, order.cents)
    void kitchen.send(order)
  })
  place.immediate()
}

/** Task 2. Whether there is anything to tell is decided in the transaction, too: only who changed the state sends. */
export function cancelOrder(database: Database, outbox: Outbox, orderId: string): boolean {
  const cancel = database.transaction(() => {
    const { changes } = database.prepare("UPDATE orders SET state = 'CANCELLED' WHERE order_id = ? AND state = 'PLACED'").run(orderId)
    if (changes === 1) outbox.send("order-cancelled", { orderId })
    return changes === 1
  })
  return cancel.immediate()
}
