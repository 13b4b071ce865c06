import type { Database } from "#waystation"
import type { MakeQueue } from "./queue-under-test.ts"

/** What the learner writes in exercise 1. */
export interface QueueFunctions {
  send(database: Database, body: string): unknown
  receive(database: Database, now: number, leaseMs: number): { readonly body: string; readonly attempt: number } | undefined
  acknowledge(database: Database, delivery: never): boolean
  consumeNext(database: Database, times: { now: number; leaseMs: number }, handle: (body: string) => Promise<void>): Promise<boolean>
}

export const queueTable = `CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, visible_at INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0
) STRICT`

/** The learner's functions as a queue, on a database of the process's own that others have open, too. */
export function miniatureQueue(functions: QueueFunctions): MakeQueue {
  return (process, run) => {
    const database = process.database("queue")
    database.exec(queueTable)
    const count = database.prepare<[], { count: number }>("SELECT count(*) AS count FROM message")
    const now = () => run.clock.now()
    return {
      send: (body) => functions.send(database, body),
      receive: (leaseMs) => {
        const delivery = functions.receive(database, now(), leaseMs)
        return (
          delivery && {
            body: delivery.body,
            attempt: delivery.attempt,
            acknowledge: () => functions.acknowledge(database, delivery as never),
          }
        )
      },
      consume: (handle, leaseMs) => void run.loop(process, () => functions.consumeNext(database, { now: now(), leaseMs }, handle)),
      kept: () => count.get()?.count ?? 0,
      get inTransaction() {
        return database.inTransaction
      },
    }
  }
}
