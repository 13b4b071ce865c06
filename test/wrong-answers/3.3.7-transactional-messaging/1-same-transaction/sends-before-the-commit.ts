// ko: 브로커에 먼저 보낸 다음 주문을 저장한다. 저장이 거절되거나 그 사이에 죽으면 없는 주문의 메시지가 나간다
// en: Sends to the broker, then stores the order: refused, or after a crash between them, the message is about an order that is not there
// caught by: [1]
import type { Database, Outbox, Queue } from "#waystation"

export type Order = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 1. One commit for both: the kitchen's queue is in another file, which no transaction of this one reaches. */
export async function placeOrder(database: Database, kitchen: Queue<Order>, order: Order): Promise<void> {
  await kitchen.send(order)
  database.prepare("INSERT INTO orders (order_id, customer_id, cents) VALUES (?, ?, ?)").run(order.orderId, order.customerId, order.cents)
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
