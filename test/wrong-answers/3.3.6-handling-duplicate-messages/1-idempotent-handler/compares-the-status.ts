// ko: 지금 상태와 같은지만 본다. 지난 상태가 다시 오면 새 상태로 여긴다
// en: Skips only what equals the present state: an earlier one that comes again counts as new
// caught by: [1]
import type { Database } from "#waystation"

/** An order is in a new state. `version` counts the states of one order: 1, 2, 3, … */
export type OrderEvent = {
  readonly orderId: string
  readonly version: number
  readonly status: "CREATED" | "PAID" | "CANCELLED"
}

/** Task 1. An older version changes nothing, nor does the same one: however often it comes, and however late. */
export function handleOrder(database: Database, event: OrderEvent): void {
  database
    .prepare(
      `INSERT INTO order_view (order_id, status, version) VALUES (?, ?, ?)
       ON CONFLICT (order_id) DO UPDATE SET status = excluded.status, version = excluded.version
       WHERE excluded.status <> order_view.status`,
    )
    .run(event.orderId, event.status, event.version)
}
