/** The services' own tables. Neither service opens the other's file. */
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import type { Database } from "#waystation"

export const brokerFile = (directory: string): string => join(directory, "broker.db")
export const ordersFile = (directory: string): string => join(directory, "orders.db")
export const kitchenFile = (directory: string): string => join(directory, "kitchen.db")

export function openOrdersDatabase(directory: string): Database {
  const database = new BetterSqlite3(ordersFile(directory))
  // Nothing here forbids a second validation or ticket: that there is none is the inboxes' work, and can be counted.
  database.exec(`
    CREATE TABLE IF NOT EXISTS orders (
      id        TEXT PRIMARY KEY,
      customer  TEXT NOT NULL,
      items     TEXT NOT NULL,
      status    TEXT NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'VALIDATED', 'REJECTED')),
      cancelled INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS validation (order_id TEXT NOT NULL, "check" TEXT NOT NULL, passed INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS validation_of_order ON validation (order_id);
  `)
  return database
}

export function openKitchenDatabase(directory: string): Database {
  const database = new BetterSqlite3(kitchenFile(directory))
  database.exec(`
    CREATE TABLE IF NOT EXISTS ticket (
      order_id TEXT NOT NULL,
      state    TEXT NOT NULL CHECK (state IN ('TO COOK', 'REFUSED', 'CANCELLED'))
    ) STRICT;
    CREATE INDEX IF NOT EXISTS ticket_of_order ON ticket (order_id);
  `)
  return database
}
