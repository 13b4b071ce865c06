import BetterSqlite3 from "better-sqlite3"
import { createInbox, createOutbox, type Message, openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { placeOrder, recordValidation, rejectLate } from "../../../solutions/3.5-wrapping-up/1-order-service.ts"
import { onEvent } from "../../../solutions/3.5-wrapping-up/2-validating-service.ts"
import { runOrderService, runValidatingService } from "../../../solutions/3.5-wrapping-up/3-whole-process.ts"

/** A second stands for a minute, so that you need not wait for all the looking round in an hour. */
const minuteMs = 1_000
const clock = virtualClock({ now: 0 })
const broker = openBroker(":memory:", { clock })
const until = (minute: number) => clock.advanceTo(minute * minuteMs)

/** Each service has a database of its own. */
function open(tables: string) {
  const database = new BetterSqlite3(":memory:")
  database.exec(tables)
  return { database, inbox: createInbox(database, { clock }), outbox: createOutbox(database, { clock }) }
}

const order = {
  ...open(`CREATE TABLE orders (id TEXT PRIMARY KEY, consumer_id TEXT, items TEXT, status TEXT);
           CREATE TABLE validation (order_id TEXT, by TEXT, passed INTEGER)`),
  deadlineMs: 15 * minuteMs,
}
runOrderService(
  { broker, database: order.database, timing: { clock } },
  (message: Message<never>) => recordValidation(order, message),
  (message: Message<never>) => rejectLate(order, message),
)

const reservations = "CREATE TABLE reservation (order_id TEXT, state TEXT)"
const services = { consumer: open(reservations), kitchen: open(reservations), card: open(reservations) }
function start(by: keyof typeof services): void {
  const service = { ...services[by], by, check: () => undefined }
  const neverAnswers = (id: string) => by === "card" && id === "order-3"
  runValidatingService({ broker, database: service.database, timing: { clock } }, by, (message: Message<never>) => {
    const { type, order } = message.body as { type: string; order: { id: string } }
    if (type !== "OrderCreated" || !neverAnswers(order.id)) onEvent(service, message)
  })
}

function print(): void {
  const minute = clock.now() / minuteMs
  const time = `${11 + Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`
  const rows = order.database.prepare("SELECT id, status FROM orders").all() as { id: string; status: string }[]
  for (const { id, status } of rows) {
    const states = Object.entries(services).map(([by, { database }]) => {
      const state = database.prepare("SELECT state FROM reservation WHERE order_id = ?").pluck().get(id) ?? "-"
      return `${by} ${String(state).padEnd(9)}`
    })
    console.log(`${time}  ${id} ${status.padEnd(9)}  ${states.join("  ")}`.trimEnd())
  }
}

const place = (n: number) => placeOrder(order, { id: `order-${n}`, consumerId: "consumer-1", items: [{ dish: "bibimbap", portions: 1 }] })

// The kitchen service is down from 11:00 to 12:00.
start("consumer")
start("card")
place(1)
await until(1)
print()
await until(50)
place(2)
place(3)
await until(51)
print()
await until(60)
start("kitchen")
await until(61)
print()
await until(75)
print()
