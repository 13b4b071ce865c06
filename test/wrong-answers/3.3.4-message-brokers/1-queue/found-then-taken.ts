// ko: 찾는 문장과 리스를 적는 문장이 따로다. 그 사이에 다른 주방이 같은 메시지를 찾는다
// en: Finds it with one statement and takes it with another: between them another kitchen finds it, too
// caught by: [1]
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
  const found = database
    .prepare<[number], Delivery>("SELECT id, body, attempt + 1 AS attempt FROM message WHERE visible_at <= ? ORDER BY id LIMIT 1")
    .get(now)
  if (!found) return undefined
  database.prepare("UPDATE message SET visible_at = ?, attempt = ? WHERE id = ?").run(now + leaseMs, found.attempt, found.id)
  return found
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
  await handle(delivery.body)
  acknowledge(database, delivery)
  return true
}
