// ko: 저장하고 알린 다음 세 서비스의 답을 기다린다. 한 곳이 꺼지면 손님은 아무 답도 듣지 못한다
// en: Stores and announces, and then waits for the three services: while one is down the client hears nothing
// caught by: [4]
import type { Database, Outbox } from "#waystation"

export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly string[] }
export type Status = "PENDING" | "VALIDATED" | "REJECTED"

/** The order service. Its database has the table orders (id TEXT PRIMARY KEY, consumer_id TEXT, items TEXT, status TEXT). */
export type OrderService = {
  readonly database: Database
  /** In the same database: what it holds after a commit, a relay publishes. */
  readonly outbox: Outbox
  /** Calls a service: whether the order is all right, as far as it knows. Task 4 does without. */
  readonly validate: (by: "consumer" | "kitchen" | "card", order: Order) => Promise<boolean>
}

/** What all the others hear, on the channel `order-events`. */
export type OrderCreated = { readonly type: "OrderCreated"; readonly order: Order }

/** Task 4. */
export async function placeOrder({ database, outbox, validate }: OrderService, order: Order): Promise<Status> {
  const place = database.transaction(() => {
    const insert = "INSERT INTO orders (id, consumer_id, items, status) VALUES (?, ?, ?, 'PENDING') ON CONFLICT DO NOTHING"
    const { changes } = database.prepare(insert).run(order.id, order.consumerId, JSON.stringify(order.items))
    if (changes === 1) outbox.send("order-events", { type: "OrderCreated", order } satisfies OrderCreated)
  })
  place.immediate()
  const services = ["consumer", "kitchen", "card"] as const
  const answers = await Promise.all(services.map((by) => validate(by, order)))
  const status = answers.every(Boolean) ? "VALIDATED" : "REJECTED"
  database.prepare("UPDATE orders SET status = ? WHERE id = ?").run(status, order.id)
  return status
}

export type Clock = { sleep(ms: number): Promise<void> }

/** Task 5. PENDING in the end is an answer too: the order is taken, and the client may come back later. */
export async function follow(askStatus: () => Promise<Status>, clock: Clock): Promise<Status> {
  let status = await askStatus()
  for (let second = 1; second <= 30 && status === "PENDING"; second++) {
    await clock.sleep(1_000)
    status = await askStatus()
  }
  return status
}
