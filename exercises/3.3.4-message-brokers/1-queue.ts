import type { Database } from "#waystation"
import { Todo } from "#workbook/todo.ts"

// The table is there: message (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT, visible_at INTEGER, attempt INTEGER).
// visible_at and attempt are 0 unless they are given. Times are milliseconds.

/** A message in somebody's hands. `attempt` is 1 when it is handed out for the first time, then 2, 3, … */
export type Delivery = { readonly id: number; readonly body: string; readonly attempt: number }

/** Task 1. Puts a message into the queue. */
export function send(database: Database, body: string): void {
  throw new Todo(1)
}

/** Task 1. Hands out the oldest visible message, if there is one. From now on until `now + leaseMs` it is not visible. */
export function receive(database: Database, now: number, leaseMs: number): Delivery | undefined {
  throw new Todo(1)
}

/** Task 2. The message is done, and goes. `false`, and nothing changes: it was handed out again since, or it is gone already. */
export function acknowledge(database: Database, delivery: Delivery): boolean {
  throw new Todo(2)
}

/** Task 3. Receives a message, handles it and acknowledges it. `false`: there was none to receive. */
export async function consumeNext(
  database: Database,
  { now, leaseMs }: { now: number; leaseMs: number },
  handle: (body: string) => Promise<void>,
): Promise<boolean> {
  throw new Todo(3)
}
