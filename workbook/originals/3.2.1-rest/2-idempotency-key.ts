import type { Hono } from "hono"
import { Todo } from "#workbook/todo.ts"

export type Draft = { readonly customerId: string; readonly dishes: readonly { readonly dish: string; readonly quantity: number }[] }
export type Order = Draft & { readonly id: string; readonly totalWon: number }
/** What goes back to the client. `Response.json(body, { status, headers })` makes a response of it. */
export type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
/** What is kept under an idempotency key: what was asked and what was answered. */
export type Kept = { readonly draft: Draft; readonly answer: Answer }

/** The order service's SQLite file. Outside `transaction` each call is saved on its own. */
export interface Store {
  transaction<Value>(work: () => Value): Value // synchronous; everything in it is saved, or nothing
  insert(draft: Draft, totalWon: number): Order
  kept(key: string): Kept | undefined
  keep(key: string, kept: Kept): void // once for each key: a second time it throws
}

/** Another service. Takes its time, and rejects when it is down. */
export interface Menu {
  total(draft: Draft): Promise<number>
}

/** Task 4. One order for each key, and always the same answer for it. */
export function placeOnce(store: Store, key: string, draft: Draft, totalWon: number): Answer {
  throw new Todo(4)
}

/** Task 5. Whether this is what was asked under the key before. */
export function isRetry(kept: Kept, draft: Draft): boolean {
  throw new Todo(5)
}

/** Task 6. POST /orders */
export function serveOrders(app: Hono, store: Store, menu: Menu): void {
  throw new Todo(6)
}
