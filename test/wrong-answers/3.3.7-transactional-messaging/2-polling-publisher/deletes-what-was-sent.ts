// ko: 남겨 두어야 할 행을 지운다
// en: Deletes the rows that were to stay
// caught by: [4]
import type { Database, Queue } from "#waystation"

/** A row of outbox: (position INTEGER PRIMARY KEY, message_id TEXT, body TEXT, created_at INTEGER, published INTEGER DEFAULT 0). */
export type OutboxRow = { readonly position: number; readonly message_id: string; readonly body: string; readonly created_at: number }

/** Task 3. A row goes when the broker has taken its message, and no other row goes with it. */
export async function publishPending(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox ORDER BY position").all()
  for (const { position, message_id, body } of rows) {
    // One after the other: what comes behind a refused message waits with it. A crash before the next line sends it again, under its old id.
    await kitchen.send(JSON.parse(body), { id: message_id })
    database.prepare("DELETE FROM outbox WHERE position = ?").run(position)
  }
}

/** Task 4. Each row says for itself whether it was sent: the position tells the order, and not what is new. */
export async function publishKept(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox ORDER BY position").all()
  for (const { position, message_id, body } of rows) {
    // One after the other: what comes behind a refused message waits with it. A crash before the next line sends it again, under its old id.
    await kitchen.send(JSON.parse(body), { id: message_id })
    database.prepare("DELETE FROM outbox WHERE position = ?").run(position)
  }
}
