import { join } from "node:path"
import { cwd } from "node:process"
import BetterSqlite3 from "better-sqlite3"
import { printFrames } from "./frames.ts"

const database = new BetterSqlite3(join(cwd(), "orders.db"))
database.exec(`
  PRAGMA journal_mode = WAL;
  CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);
  CREATE TABLE orders (order_id TEXT PRIMARY KEY, note TEXT) WITHOUT ROWID;
  PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = 10`)
let next = 1
const begin = (what: string) => console.log(what)

// #region orders
const order = database.prepare("INSERT INTO orders VALUES (?, ?)")
const message = database.prepare("INSERT INTO outbox (body) VALUES (?)")

begin("1. order-7 and its message, in one transaction")
database.transaction(() => {
  order.run("order-7", "")
  message.run("order-7")
})()
next = printFrames(database, next)

begin("2. order-8, and its message in a transaction of its own")
order.run("order-8", "")
message.run("order-8")
next = printFrames(database, next)

begin("3. order-9 and its message: rolled back")
database.exec("BEGIN")
order.run("order-9", "")
message.run("order-9")
database.exec("ROLLBACK")
next = printFrames(database, next)

begin("4. order-10 and its message, with a long note for each of 12 guests: rolled back, too")
database.exec("BEGIN")
message.run("order-10")
for (let guest = 1; guest <= 12; guest++) order.run(`order-10/${guest}`, "no peanuts, please. ".repeat(150))
database.exec("ROLLBACK")
printFrames(database, next)
// #endregion
database.close()
