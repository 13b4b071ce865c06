import type { Database, Queue } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** A row of outbox: (position INTEGER PRIMARY KEY, message_id TEXT, body TEXT, created_at INTEGER, published INTEGER DEFAULT 0). */
export type OutboxRow = { readonly position: number; readonly message_id: string; readonly body: string; readonly created_at: number }

/** Task 3. One round of the relay: sends what stands in outbox to the kitchen, and deletes what was sent. */
export async function publishPending(database: Database, kitchen: Queue<unknown>): Promise<void> {
  throw new Todo(3)
}

/** Task 4. The same, but rows stay: what was sent gets `published` = 1. Rows with a lower position may be committed later. */
export async function publishKept(database: Database, kitchen: Queue<unknown>): Promise<void> {
  throw new Todo(4)
}
