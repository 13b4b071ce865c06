/** The services' own tables. No service opens another's file. */
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import type { Database } from "#waystation"
import type { By } from "./domain.ts"

export const brokerFile = (directory: string): string => join(directory, "broker.db")

export function openOrdersDatabase(directory: string): Database {
  const database = new BetterSqlite3(join(directory, "orders.db"))
  // Nothing here or below forbids a second validation or reservation: that there is none is the inboxes' work, and can be counted.
  database.exec(`
    CREATE TABLE IF NOT EXISTS orders (
      id          TEXT PRIMARY KEY,
      consumer_id TEXT NOT NULL,
      items       TEXT NOT NULL,
      status      TEXT NOT NULL CHECK (status IN ('PENDING', 'VALIDATED', 'REJECTED')),
      cancelled   INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS validation (order_id TEXT NOT NULL, by TEXT NOT NULL, passed INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS validation_of_order ON validation (order_id);
  `)
  return database
}

/** What the consumer, kitchen or card service holds for each order. */
export function openReservations(directory: string, by: By): Database {
  const database = new BetterSqlite3(join(directory, `${by}.db`))
  database.exec(`
    CREATE TABLE IF NOT EXISTS reservation (
      order_id TEXT NOT NULL,
      state    TEXT NOT NULL CHECK (state IN ('HELD', 'REFUSED', 'CONFIRMED', 'RELEASED'))
    ) STRICT;
    CREATE INDEX IF NOT EXISTS reservation_of_order ON reservation (order_id);
  `)
  return database
}
