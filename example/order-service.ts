/**
 * The order service: `order-service.ts DIRECTORY`. Takes requests as lines of its input, and answers each at once with a line of
 * its output. Whether the order can be cooked it learns later, from messages.
 */
import { argv, stdin } from "node:process"
import { createInterface } from "node:readline"
import { createInbox, createOutbox, openBroker, relayOutbox } from "#waystation"
import type { CustomerRequest } from "./customers.ts"
import { decide, type Order, type Validation } from "./domain.ts"
import { leaseMs, type OrderEvent, openChannels } from "./messages.ts"
import { brokerFile, openOrdersDatabase } from "./schema.ts"

const [, , directory = "."] = argv
const broker = openBroker(brokerFile(directory))
const { orderEvents, validations } = openChannels(broker)
const database = openOrdersDatabase(directory)
const outbox = createOutbox(database)
const inbox = createInbox(database)
broker.events.on("failed", ({ operation, error }) => console.error(`order service, ${operation}:`, error))

const insertOrder = database.prepare("INSERT INTO orders (id, customer, items) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
const cancelOrder = database.prepare("UPDATE orders SET cancelled = 1 WHERE id = ? AND NOT cancelled")
const insertValidation = database.prepare('INSERT INTO validation (order_id, "check", passed) VALUES (?, ?, ?)')
const validationsOf = database.prepare<[string], { check: Validation["check"]; passed: number }>(
  'SELECT "check", passed FROM validation WHERE order_id = ?',
)
const setStatus = database.prepare("UPDATE orders SET status = ? WHERE id = ?")

/** The order and the word of it are one commit: never one without the other, whenever the process dies. */
const place = database.transaction((order: Order) => {
  const { changes } = insertOrder.run(order.id, order.customer, JSON.stringify(order.items))
  // A customer who did not hear the answer asks again.
  if (changes > 0) announce({ type: "OrderCreated", orderId: order.id, order })
})

const cancel = database.transaction((orderId: string) => {
  if (cancelOrder.run(orderId).changes > 0) announce({ type: "OrderCancelled", orderId })
})

function announce(event: OrderEvent): void {
  outbox.send(orderEvents.name, event, { key: event.orderId })
}

/** Runs in the inbox's transaction, so a second delivery of the same answer changes nothing. */
function record({ orderId, check, passed }: Validation): void {
  insertValidation.run(orderId, check, passed ? 1 : 0)
  const answers = validationsOf.all(orderId).map((row) => ({ check: row.check, passed: row.passed === 1 }))
  setStatus.run(decide(answers), orderId)
}

const relay = relayOutbox(database, broker.publisher(), { method: "polling", leaseMs, events: broker.events })
const consumer = validations.consume((message) => inbox.once(message, "order-service", () => record(message.body)), {
  concurrency: 8,
  leaseMs,
})

for await (const line of createInterface({ input: stdin })) {
  const request = JSON.parse(line) as CustomerRequest
  if (request.kind === "place") place.immediate(request.order)
  else cancel.immediate(request.orderId)
  console.log(line)
}

// First nothing more comes in; then what is committed still goes out.
await consumer.stop()
await relay.idle()
await relay.stop()
await broker.close()
database.close()
