// ko: 행을 먼저 지우고 보낸다. 그 사이에 죽으면 메시지가 사라진다
// en: Deletes the row, then sends: a crash between them and the message is gone
// caught by: [3]
import type { Database, Queue } from "#waystation"

/** A row of outbox: (position INTEGER PRIMARY KEY, message_id TEXT, body TEXT, created_at INTEGER, published INTEGER DEFAULT 0). */
export type OutboxRow = { readonly position: number; readonly message_id: string; readonly body: string; readonly created_at: number }

/** Task 3. A row goes when the broker has taken its message, and no other row goes with it. */
export async function publishPending(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox ORDER BY position").all()
  for (const { position, message_id, body } of rows) {
    database.prepare("DELETE FROM outbox WHERE position = ?").run(position)
    await kitchen.send(JSON.parse(body), { id: message_id })
  }
}

/** Task 4. Each row says for itself whether it was sent: the position tells the order, and not what is new. */
export async function publishKept(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox WHERE published = 0 ORDER BY position").all()
  for (const { position, message_id, body } of rows) {
    await kitchen.send(JSON.parse(body), { id: message_id })
    database.prepare("UPDATE outbox SET published = 1 WHERE position = ?").run(position)
  }
}
