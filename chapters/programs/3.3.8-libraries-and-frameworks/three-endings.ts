import BetterSqlite3 from "better-sqlite3"
import { createInbox, createOutbox, openBroker, relayOutbox } from "#waystation"
import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
const broker = openBroker(":memory:", { clock })
const commands = broker.queue<string>("kitchen-commands")
const replies = broker.queue<string>("order-replies")

const kitchen = new BetterSqlite3(":memory:")
kitchen.exec("CREATE TABLE ticket (order_id TEXT)")
const [inbox, outbox] = [createInbox(kitchen), createOutbox(kitchen)]
const relay = relayOutbox(kitchen, broker.publisher(), { method: "polling", clock })
let jammed = true
const runs: Record<string, number> = {}

/** Carries out a command: writes a ticket. It throws if the printer has jammed, and if there is nothing to cook. */
function createTicket(orderId: string): void {
  runs[orderId] = (runs[orderId] ?? 0) + 1
  kitchen.prepare("INSERT INTO ticket VALUES (?)").run(orderId)
  if (orderId === "order-8") throw new Error("There is nothing to cook in this order.")
  if (orderId === "order-9" && jammed) {
    jammed = false
    throw new Error("The printer has jammed.")
  }
}

commands.consume((message) => {
  inbox.once(message, "kitchen", () => {
    createTicket(message.body)
    outbox.send("order-replies", `${message.body} is being cooked`)
  })
})

for (const orderId of ["order-7", "order-8", "order-9"]) await commands.send(orderId)
await clock.advance(60_000)
const told = replies.receive({ max: 10 }).map(({ body }) => body)
for (const orderId of ["order-7", "order-8", "order-9"]) {
  const tickets = kitchen.prepare("SELECT count(*) FROM ticket WHERE order_id = ?").pluck().get(orderId)
  const reply = told.find((one) => one.startsWith(orderId)) ?? "-"
  console.log(`${orderId}   runs: ${runs[orderId]}   tickets: ${tickets}   reply: ${reply}`)
}
await relay.stop()
await broker.close()
