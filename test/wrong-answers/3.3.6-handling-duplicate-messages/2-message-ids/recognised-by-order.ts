// ko: 주문 번호로 중복을 가린다. 한 주문에 메시지가 둘이면 하나를 잃는다
// en: Takes a second message about the same order for a duplicate, and loses it
// caught by: [2]
import type { Database, Message } from "#waystation"

/** An order has reached the customer. */
export type OrderDelivered = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 2. The id and the points are one transaction: there is no moment at which one is there without the other. */
export function addPoints(database: Database, message: Message<OrderDelivered>): void {
  const { customerId, cents } = message.body
  once(database, "points", message.body.orderId, () => {
    database
      .prepare(
        `INSERT INTO points (customer_id, balance) VALUES (?, ?)
         ON CONFLICT (customer_id) DO UPDATE SET balance = balance + excluded.balance`,
      )
      .run(customerId, Math.floor(cents / 100))
  })
}

/** Task 3. Each consumer remembers for itself: that the points are added says nothing about the count. */
export function countOrder(database: Database, message: Message<OrderDelivered>): void {
  once(database, "count", message.id, () => {
    database
      .prepare("INSERT INTO order_count (customer_id, orders) VALUES (?, 1) ON CONFLICT (customer_id) DO UPDATE SET orders = orders + 1")
      .run(message.body.customerId)
  })
}

function once(database: Database, consumer: string, messageId: string, effect: () => void): void {
  const handle = database.transaction(() => {
    const { changes } = database
      .prepare("INSERT INTO processed_message (consumer, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .run(consumer, messageId)
    if (changes === 1) effect()
  })
  handle.immediate()
}
