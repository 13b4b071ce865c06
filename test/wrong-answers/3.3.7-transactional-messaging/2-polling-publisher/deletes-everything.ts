// ko: 보낸 행이 아니라 아웃박스 전체를 지운다. 보내는 동안 커밋된 행이 사라진다
// en: Deletes all of the outbox instead of what was sent: what was committed meanwhile is gone
// caught by: [3]
import type { Database, Queue } from "#waystation"

/** A row of outbox: (position INTEGER PRIMARY KEY, message_id TEXT, body TEXT, created_at INTEGER, published INTEGER DEFAULT 0). */
export type OutboxRow = { readonly position: number; readonly message_id: string; readonly body: string; readonly created_at: number }

/** Task 3. A row goes when the broker has taken its message, and no other row goes with it. */
export async function publishPending(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox ORDER BY position").all()
  for (const { message_id, body } of rows) await kitchen.send(JSON.parse(body), { id: message_id })
  database.prepare("DELETE FROM outbox").run()
}

/** Task 4. Each row says for itself whether it was sent: the position tells the order, and not what is new. */
export async function publishKept(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox WHERE published = 0 ORDER BY position").all()
  for (const { position, message_id, body } of rows) {
    await kitchen.send(JSON.parse(body), { id: message_id })
    database.prepare("UPDATE outbox SET published = 1 WHERE position = ?").run(position)
  }
}
