// ko: 곳마다 마지막 답을 본다. 거절된 주문이 나중에 온 예로 되살아난다
// en: Takes the last answer of each service: an order that was rejected comes back to life
// caught by: [6]
import type { Database, Outbox } from "#waystation"

export type Status = "PENDING" | "VALIDATED" | "REJECTED"
export type Service = "consumer" | "kitchen" | "card"

/** What a service says about an order, once it has validated it. */
export type Validation = { readonly orderId: string; readonly by: Service; readonly passed: boolean; readonly reason?: string }

/** Its tables: orders (id, …, status) and validation (order_id, answered_by, passed, PRIMARY KEY (order_id, answered_by)). */
export type OrderService = { readonly database: Database; readonly outbox: Outbox }

type Row = { readonly answered_by: Service; readonly passed: number }
/** What all the others hear, on the channel `order-events`. */
export type OrderDecided = { readonly type: "OrderDecided"; readonly orderId: string; readonly status: Status }

/** Task 6. */
export function decide(answers: readonly Validation[]): Status {
  const last = new Map(answers.map(({ by, passed }) => [by, passed]))
  if ([...last.values()].includes(false)) return "REJECTED"
  return last.size === 3 ? "VALIDATED" : "PENDING"
}

/** Task 7. The answer, the status and its announcement are one commit, and only of an order that is still open. */
export function recordValidation({ database, outbox }: OrderService, { orderId, by, passed }: Validation): void {
  const record = database.transaction(() => {
    database.prepare("INSERT INTO validation VALUES (?, ?, ?) ON CONFLICT DO NOTHING").run(orderId, by, Number(passed))
    const rows = database.prepare<[string], Row>("SELECT answered_by, passed FROM validation WHERE order_id = ?").all(orderId)
    const status = decide(rows.map((row) => ({ orderId, by: row.answered_by, passed: row.passed === 1 })))
    if (status === "PENDING") return
    const { changes } = database.prepare("UPDATE orders SET status = ? WHERE id = ? AND status = 'PENDING'").run(status, orderId)
    if (changes === 1) outbox.send("order-events", { type: "OrderDecided", orderId, status } satisfies OrderDecided)
  })
  record.immediate()
}
