import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { openBroker } from "#waystation"
import { placeOrder } from "#work/3.3.7-transactional-messaging/1-same-transaction.ts"
import { printFrames } from "./frames.ts"

// The frames of the learner's own transaction: what task 1 has written in exercises/.
const directory = mkdtempSync(join(tmpdir(), "waystation-frames-"))
const broker = openBroker(join(directory, "broker.db"))
const database = new BetterSqlite3(join(directory, "orders.db"))
database.exec(`
  PRAGMA journal_mode = WAL;
  CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, body TEXT);
  CREATE TABLE orders (order_id TEXT PRIMARY KEY, customer_id TEXT, cents INTEGER, state TEXT DEFAULT 'PLACED') WITHOUT ROWID;
  PRAGMA wal_checkpoint(TRUNCATE)`)
try {
  await placeOrder(database, broker.queue("orders"), { orderId: "order-7", customerId: "customer-7", cents: 1_590 })
  console.log("placeOrder(order-7)")
  printFrames(database)
} finally {
  database.close()
  await broker.close({ graceMs: 0 })
  rmSync(directory, { recursive: true })
}
