// ko: 온 상태를 그대로 쓴다. 늦게 다시 온 PAID가 취소된 주문을 되살린다
// en: Writes whatever comes: a PAID that comes again late brings a cancelled order back
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
       ON CONFLICT (order_id) DO UPDATE SET status = excluded.status, version = excluded.version`,
    )
    .run(event.orderId, event.status, event.version)
}
