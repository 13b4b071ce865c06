// ko: 주문과 아웃박스 행을 따로 커밋한다. 그 사이에 죽으면 메시지가 없다
// en: Commits the order and the outbox row one after the other: a crash between them and there is no message
// caught by: [1]
import { randomUUID } from "node:crypto"
import type { Database, Outbox, Queue } from "#waystation"

export type Order = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 1. One commit for both: the kitchen's queue is in another file, which no transaction of this one reaches. */
export function placeOrder(database: Database, _kitchen: Queue<Order>, order: Order): void {
  database.prepare("INSERT INTO orders (order_id, customer_id, cents) VALUES (?, ?, ?)").run(order.orderId, order.customerId, order.cents)
  database.prepare("INSERT INTO outbox (message_id, body) VALUES (?, ?)").run(randomUUID(), JSON.stringify(order))
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
