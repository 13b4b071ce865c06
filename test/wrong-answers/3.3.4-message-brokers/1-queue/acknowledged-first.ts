// ko: 처리하기 전에 확인한다. 처리하다 죽으면 메시지가 사라진다
// en: Acknowledges before handling: a crash in between loses the message
// caught by: [3]
import type { Database } from "#waystation"

// The table is there: message (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT, visible_at INTEGER, attempt INTEGER).
// visible_at and attempt are 0 unless they are given. Times are milliseconds.

/** A message in somebody's hands. `attempt` is 1 when it is handed out for the first time, then 2, 3, … */
export type Delivery = { readonly id: number; readonly body: string; readonly attempt: number }

/** Task 1. Visible at once: 0 lies in the past. */
export function send(database: Database, body: string): void {
  database.prepare("INSERT INTO message (body) VALUES (?)").run(body)
}

/** Task 1. One statement finds it and takes it, so nobody comes between. What is due is one comparison: nothing unlocks after a crash. */
export function receive(database: Database, now: number, leaseMs: number): Delivery | undefined {
  const claim = database.prepare<[number, number], Delivery>(
    `UPDATE message SET visible_at = ?, attempt = attempt + 1
     WHERE id = (SELECT id FROM message WHERE visible_at <= ? ORDER BY id LIMIT 1) RETURNING id, body, attempt`,
  )
  return claim.get(now + leaseMs, now)
}

/** Task 2. The attempt tells my delivery from a later one of the same message: that one is somebody else's. */
export function acknowledge(database: Database, { id, attempt }: Delivery): boolean {
  return database.prepare("DELETE FROM message WHERE id = ? AND attempt = ?").run(id, attempt).changes === 1
}

/** Task 3. Acknowledged only when it is handled: whoever dies before leaves a message that comes again. */
export async function consumeNext(
  database: Database,
  { now, leaseMs }: { now: number; leaseMs: number },
  handle: (body: string) => Promise<void>,
): Promise<boolean> {
  const delivery = receive(database, now, leaseMs)
  if (!delivery) return false
  acknowledge(database, delivery)
  await handle(delivery.body)
  return true
}
