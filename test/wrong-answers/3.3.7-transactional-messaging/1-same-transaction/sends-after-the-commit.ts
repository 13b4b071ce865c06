// ko: 주문을 커밋한 다음 브로커에 보낸다. 그 사이에 죽으면 주문만 남는다
// en: Commits the order, then sends to the broker: a crash between them leaves an order nobody hears of
// caught by: [1]
import type { Database, Outbox, Queue } from "#waystation"

export type Order = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 1. One commit for both: the kitchen's queue is in another file, which no transaction of this one reaches. */
export async function placeOrder(database: Database, kitchen: Queue<Order>, order: Order): Promise<void> {
  database.prepare("INSERT INTO orders (order_id, customer_id, cents) VALUES (?, ?, ?)").run(order.orderId, order.customerId, order.cents)
  await kitchen.send(order)
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
