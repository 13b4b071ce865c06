// ko: 먼저 알리고 나중에 저장한다. 그 사이에 죽으면 없는 주문을 다들 검증한다
// en: Announces first and stores then: a crash between them, and everybody validates an order that is not there
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
export async function placeOrder({ database, outbox }: OrderService, order: Order): Promise<Status> {
  const find = database.prepare<[string], { status: Status }>("SELECT status FROM orders WHERE id = ?")
  const known = find.get(order.id)
  if (known) return known.status
  outbox.send("order-events", { type: "OrderCreated", order } satisfies OrderCreated)
  const insert = "INSERT INTO orders (id, consumer_id, items, status) VALUES (?, ?, ?, 'PENDING')"
  database.prepare(insert).run(order.id, order.consumerId, JSON.stringify(order.items))
  return "PENDING"
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
