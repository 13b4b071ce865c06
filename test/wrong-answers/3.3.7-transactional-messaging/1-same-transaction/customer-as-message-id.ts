// ko: 고객 번호를 메시지 아이디로 쓴다. 같은 고객의 두 번째 주문을 주방이 중복으로 알고 건너뛴다
// en: Takes the customer for the message's id: the kitchen skips the customer's second order as a duplicate
// caught by: [1]
import type { Database, Outbox, Queue } from "#waystation"

export type Order = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 1. One commit for both: the kitchen's queue is in another file, which no transaction of this one reaches. */
export function placeOrder(database: Database, _kitchen: Queue<Order>, order: Order): void | Promise<void> {
  const place = database.transaction(() => {
    database.prepare("INSERT INTO orders (order_id, customer_id, cents) VALUES (?, ?, ?)").run(order.orderId, order.customerId, order.cents)
    database.prepare("INSERT INTO outbox (message_id, body) VALUES (?, ?)").run(order.customerId, JSON.stringify(order))
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
