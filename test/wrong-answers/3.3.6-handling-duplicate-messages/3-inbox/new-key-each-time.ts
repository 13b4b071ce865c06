// ko: 결제할 때마다 키를 새로 만든다. 다시 시도한 결제는 새 결제가 된다
// en: Makes a new key for every attempt: the second attempt is a second payment
// caught by: [5]
import { type Consumer, createInbox, type Database, type Queue } from "#waystation"

export type OrderDelivered = { readonly orderId: string; readonly customerId: string; readonly cents: number }
export type OrderPlaced = { readonly orderId: string; readonly cents: number }

/** A company elsewhere. Of several charges with one key it makes only the first, and answers all of them alike. */
export type CardCompany = { charge(payment: { key: string; cents: number }): Promise<void> }

/** Task 4. The inbox lives in the database of the effect: only there can it be one transaction with it. */
export function consumePoints(queue: Queue<OrderDelivered>, database: Database): Consumer {
  const inbox = createInbox(database)
  return queue.consume((message) => {
    const { customerId, cents } = message.body
    inbox.once(message, "points", () => {
      database
        .prepare(
          `INSERT INTO points (customer_id, balance) VALUES (?, ?)
           ON CONFLICT (customer_id) DO UPDATE SET balance = balance + excluded.balance`,
        )
        .run(customerId, Math.floor(cents / 100))
    })
  })
}

/** Task 5. No transaction reaches the company: it gets the same key each time, and remembers for us. */
export function consumePayments(queue: Queue<OrderPlaced>, card: CardCompany): Consumer {
  return queue.consume((message) => card.charge({ key: `${message.id}/${message.attempt}`, cents: message.body.cents }))
}
