// ko: 이미 있는 주문은 무시한다. 중복은 막았지만 다음 상태도 막았다
// en: Ignores an order that is there: stops the duplicates and the next states with them
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
       ON CONFLICT (order_id) DO NOTHING`,
    )
    .run(event.orderId, event.status, event.version)
}
