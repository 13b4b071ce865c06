// ko: created_at 순서로 보낸다. 서비스의 시계가 되돌아가면 순서가 뒤바뀐다
// en: Sends in the order of created_at: a clock that is set back reorders
// caught by: [3]
import type { Database, Queue } from "#waystation"

/** A row of outbox: (position INTEGER PRIMARY KEY, message_id TEXT, body TEXT, created_at INTEGER, published INTEGER DEFAULT 0). */
export type OutboxRow = { readonly position: number; readonly message_id: string; readonly body: string; readonly created_at: number }

/** Task 3. A row goes when the broker has taken its message, and no other row goes with it. */
export async function publishPending(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox ORDER BY created_at").all()
  for (const { position, message_id, body } of rows) {
    await kitchen.send(JSON.parse(body), { id: message_id })
    database.prepare("DELETE FROM outbox WHERE position = ?").run(position)
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
