import { readFileSync } from "node:fs"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { createInbox, createOutbox, type Message, openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { placeOrder, recordValidation, rejectLate } from "../../../solutions/3.5-wrapping-up/1-order-service.ts"
import { onEvent } from "../../../solutions/3.5-wrapping-up/2-validating-service.ts"
import { runOrderService, runValidatingService } from "../../../solutions/3.5-wrapping-up/3-whole-process.ts"

const clock = virtualClock()
const broker = openBroker(":memory:", { clock })
const count = { relayed: 0, delivered: 0 }
broker.events.on("relayed", () => count.relayed++)
broker.events.on("delivered", () => count.delivered++)

let databases = 1
function open(tables: string) {
  databases++
  const database = new BetterSqlite3(":memory:")
  database.exec(tables)
  return { database, inbox: createInbox(database, { clock }), outbox: createOutbox(database, { clock }) }
}

// One order, and all goes well.
const tables = "CREATE TABLE orders (id TEXT PRIMARY KEY, consumer_id, items, status); CREATE TABLE validation (order_id, by, passed)"
const order = { ...open(tables), deadlineMs: 5_000 }
runOrderService(
  { broker, database: order.database, timing: { clock } },
  (message: Message<never>) => recordValidation(order, message),
  (message: Message<never>) => rejectLate(order, message),
)
for (const by of ["consumer", "kitchen", "card"] as const) {
  const service = { ...open("CREATE TABLE reservation (order_id, state)"), by, check: () => undefined }
  const handle = (message: Message<never>) => onEvent(service, message)
  runValidatingService({ broker, database: service.database, timing: { clock } }, by, handle)
}
placeOrder(order, { id: "order-1", consumerId: "consumer-1", items: [{ dish: "bibimbap", portions: 1 }] })
await clock.advance(10_000)

/** What a reader has to read: no empty lines, and no comments. */
function linesOf(text: string): number {
  return text.split("\n").filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length
}
const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8")
const solution = ["1-order-service", "2-validating-service", "3-whole-process"].map((name) =>
  read(`../../../solutions/3.5-wrapping-up/${name}.ts`),
)
const inOne = read("one-database.ts").match(/#region whole\n([\s\S]*?)\/\/ #endregion/)?.[1] ?? ""

const row = (...cells: unknown[]) =>
  console.log(cells.map((cell, index) => String(cell)[index ? "padStart" : "padEnd"](index ? 12 : 16)).join(""))
row("one order", "databases", "messages", "deliveries", "lines")
row("by messages", databases, count.relayed, count.delivered, linesOf(solution.join("")))
row("one transaction", 1, 0, 0, linesOf(inOne))
