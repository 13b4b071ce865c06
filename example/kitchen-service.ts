/** The kitchen service: `kitchen-service.ts DIRECTORY`. Hears of orders, writes tickets, and answers; until its input ends. */
import { once } from "node:events"
import { argv, stdin } from "node:process"
import { createInbox, createOutbox, openBroker, relayOutbox } from "#waystation"
import { type Order, validate } from "./domain.ts"
import { leaseMs, type OrderEvent, openChannels } from "./messages.ts"
import { brokerFile, openKitchenDatabase } from "./schema.ts"

const [, , directory = "."] = argv
const broker = openBroker(brokerFile(directory))
const { orderEvents, validations } = openChannels(broker)
const database = openKitchenDatabase(directory)
const outbox = createOutbox(database)
const inbox = createInbox(database)
broker.events.on("failed", ({ operation, error }) => console.error(`kitchen service, ${operation}:`, error))

const insertTicket = database.prepare("INSERT INTO ticket (order_id, state) VALUES (?, ?)")
const cancelTicket = database.prepare("UPDATE ticket SET state = 'CANCELLED' WHERE order_id = ? AND state = 'TO COOK'")

/**
 * Runs in the inbox's transaction: the ticket, the answers in the outbox and "this message is done" are one commit. Whenever the
 * process dies, all of it has happened, or the message comes again and nothing has.
 */
function handle(event: OrderEvent): void {
  if (event.type === "OrderCreated") take(event.order)
  // Never too early: messages of one key come in the order sent.
  else cancelTicket.run(event.orderId)
}

function take(order: Order): void {
  const answers = validate(order)
  insertTicket.run(order.id, answers.every(({ passed }) => passed) ? "TO COOK" : "REFUSED")
  for (const answer of answers) outbox.send(validations.name, answer)
}

const relay = relayOutbox(database, broker.publisher(), { method: "polling", leaseMs, events: broker.events })
const consumer = orderEvents.consume("kitchen", (message) => inbox.once(message, "kitchen", () => handle(message.body)), {
  concurrency: 8,
  leaseMs,
})

stdin.resume()
await once(stdin, "end")
// First nothing more comes in; then what is committed still goes out.
await consumer.stop()
await relay.idle()
await relay.stop()
await broker.close()
database.close()
