import type { Database, Outbox, SendOptions } from "#waystation"

/** The order service's own. `decided` is no part of the exercise: it notes every change of a status, for whoever judges. */
export const orderTables = `
  CREATE TABLE orders (id TEXT PRIMARY KEY, consumer_id TEXT NOT NULL, items TEXT NOT NULL, status TEXT NOT NULL) STRICT;
  CREATE TABLE validation (order_id TEXT NOT NULL, by TEXT NOT NULL, passed INTEGER NOT NULL) STRICT;
  CREATE TABLE decided (order_id TEXT NOT NULL, status TEXT NOT NULL) STRICT;
  CREATE TRIGGER notes AFTER UPDATE OF status ON orders BEGIN INSERT INTO decided VALUES (new.id, new.status); END`

/** Nothing here forbids a second reservation: that there is none is the inbox's work, and can be counted. */
export const reservationTable = "CREATE TABLE reservation (order_id TEXT NOT NULL, state TEXT NOT NULL) STRICT"

/** What a message says, in the words of a failure: "order-7 created". */
export function nameOf(channel: string, body: unknown): string {
  const { orderId, order, type, by, passed } = body as Partial<Record<string, unknown>> & { order?: { id: string } }
  const id = String(order?.id ?? orderId)
  if (channel === "order-deadlines") return `${id} deadline`
  if (channel === "order-validations") return `${id} ${by} ${passed ? "yes" : "no"}`
  return `${id} ${String(type)
    .replace(/^Order/, "")
    .toLowerCase()}`
}

/** The outbox, with ids that can be read; what is sent twice has two. The table `said` is to be in the database. */
export function readable(outbox: Outbox, database: Database): Outbox {
  const count = "INSERT INTO said VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times"
  return {
    send(channel: string, body: unknown, options?: SendOptions) {
      const name = nameOf(channel, body)
      const times = Number(database.prepare(count).pluck().get(name))
      return outbox.send(channel, body, { id: times === 1 ? name : `${name} (${times})`, ...options })
    },
  }
}

export const saidTable = "CREATE TABLE said (name TEXT PRIMARY KEY, times INTEGER NOT NULL) STRICT"
