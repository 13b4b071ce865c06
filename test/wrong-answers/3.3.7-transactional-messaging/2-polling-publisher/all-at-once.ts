// ko: 모두 한꺼번에 보내고 기다린다. 앞의 것이 거절되어도 뒤의 것은 나간다
// en: Sends all at once: what comes behind a refused message goes out before it
// caught by: [3]
import type { Database, Queue } from "#waystation"

/** A row of outbox: (position INTEGER PRIMARY KEY, message_id TEXT, body TEXT, created_at INTEGER, published INTEGER DEFAULT 0). */
export type OutboxRow = { readonly position: number; readonly message_id: string; readonly body: string; readonly created_at: number }

/** Task 3. A row goes when the broker has taken its message, and no other row goes with it. */
export async function publishPending(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox ORDER BY position").all()
  await Promise.all(rows.map(({ message_id, body }) => kitchen.send(JSON.parse(body), { id: message_id })))
  for (const { position } of rows) database.prepare("DELETE FROM outbox WHERE position = ?").run(position)
}

/** Task 4. Each row says for itself whether it was sent: the position tells the order, and not what is new. */
export async function publishKept(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox WHERE published = 0 ORDER BY position").all()
  for (const { position, message_id, body } of rows) {
    await kitchen.send(JSON.parse(body), { id: message_id })
    database.prepare("UPDATE outbox SET published = 1 WHERE position = ?").run(position)
  }
}
