// ko: 브로커의 답을 기다리지 않고 지운다
// en: Deletes without waiting for the broker's answer
// caught by: [3]
import type { Database, Queue } from "#waystation"

/** A row of outbox: (position INTEGER PRIMARY KEY, message_id TEXT, body TEXT, created_at INTEGER, published INTEGER DEFAULT 0). */
export type OutboxRow = { readonly position: number; readonly message_id: string; readonly body: string; readonly created_at: number }

/** Task 3. A row goes when the broker has taken its message, and no other row goes with it. */
export async function publishPending(database: Database, kitchen: Queue<unknown>): Promise<void> {
  const rows = database.prepare<[], OutboxRow>("SELECT * FROM outbox ORDER BY position").all()
  for (const { position, message_id, body } of rows) {
    void kitchen.send(JSON.parse(body), { id: message_id })
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
