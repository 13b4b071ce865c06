// ko: 효과를 먼저 커밋하고 아이디를 남긴다. 그 사이에 죽으면 포인트가 두 번 쌓인다
// en: Commits the effect and then the id: a crash between them and the points are added twice
// caught by: [2]
import type { Database, Message } from "#waystation"

/** An order has reached the customer. */
export type OrderDelivered = { readonly orderId: string; readonly customerId: string; readonly cents: number }

/** Task 2. The id and the points are one transaction: there is no moment at which one is there without the other. */
export function addPoints(database: Database, message: Message<OrderDelivered>): void {
  const { customerId, cents } = message.body
  once(database, "points", message.id, () => {
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
  const known = database.prepare("SELECT 1 FROM processed_message WHERE consumer = ? AND message_id = ?").get(consumer, messageId)
  if (known) return
  effect()
  database.prepare("INSERT INTO processed_message (consumer, message_id) VALUES (?, ?)").run(consumer, messageId)
}
