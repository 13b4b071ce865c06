// ko: 상태와 이벤트가 두 트랜잭션이다. 그 사이에 죽으면 결정을 아무도 듣지 못한다
// en: Status and event are two transactions: a crash between them, and nobody hears of the decision
// caught by: [7]
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

/** Task 6. Who has said yes counts, not how often; and nothing after the decision does. */
export function decide(answers: readonly Validation[]): Status {
  const yes = new Set<Service>()
  for (const { by, passed } of answers) {
    if (!passed) return "REJECTED"
    if (yes.add(by).size === 3) return "VALIDATED"
  }
  return "PENDING"
}

/** Task 7. */
export function recordValidation({ database, outbox }: OrderService, { orderId, by, passed }: Validation): void {
  const record = database.transaction((): Status => {
    database.prepare("INSERT INTO validation VALUES (?, ?, ?) ON CONFLICT DO NOTHING").run(orderId, by, Number(passed))
    const rows = database.prepare<[string], Row>("SELECT answered_by, passed FROM validation WHERE order_id = ?").all(orderId)
    const status = decide(rows.map((row) => ({ orderId, by: row.answered_by, passed: row.passed === 1 })))
    const { changes } = database.prepare("UPDATE orders SET status = ? WHERE id = ? AND status = 'PENDING'").run(status, orderId)
    return changes === 1 ? status : "PENDING"
  })
  const status = record.immediate()
  if (status !== "PENDING") outbox.send("order-events", { type: "OrderDecided", orderId, status } satisfies OrderDecided)
}
