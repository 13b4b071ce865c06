/**
 * The order service: `order-service.ts DIRECTORY`. Takes requests as lines of its input, and answers each at once with a line of
 * its output. Whether the order is accepted it learns later, from messages.
 */
import { argv, stdin } from "node:process"
import { createInterface } from "node:readline"
import { createInbox, createOutbox, type Message, openBroker } from "#waystation"
import { type Deadline, placeOrder, recordValidation, rejectLate, type Validation } from "../solutions/3.5-wrapping-up/1-order-service.ts"
import { runOrderService } from "../solutions/3.5-wrapping-up/3-whole-process.ts"
import type { CustomerRequest } from "./customers.ts"
import { brokerFile, openOrdersDatabase } from "./schema.ts"

/** Longer than the example runs: its orders are decided by answers. */
const deadlineMs = 15 * 60_000

const [, , directory = "."] = argv
const broker = openBroker(brokerFile(directory))
const database = openOrdersDatabase(directory)
const orders = { database, inbox: createInbox(database), outbox: createOutbox(database), deadlineMs }
broker.events.on("failed", ({ operation, error }) => console.error(`order service, ${operation}:`, error))

const cancelOrder = database.prepare("UPDATE orders SET cancelled = 1 WHERE id = ? AND NOT cancelled")
const cancel = database.transaction((orderId: string) => {
  // A customer who did not hear the answer asks again.
  if (cancelOrder.run(orderId).changes === 1) {
    orders.outbox.send("order-events", { type: "OrderCancelled", orderId }, { key: orderId })
  }
})

const service = runOrderService(
  { broker, database },
  (message: Message<Validation>) => recordValidation(orders, message),
  (message: Message<Deadline>) => rejectLate(orders, message),
)

for await (const line of createInterface({ input: stdin })) {
  const request = JSON.parse(line) as CustomerRequest
  if (request.kind === "place") placeOrder(orders, request.order)
  else cancel.immediate(request.orderId)
  console.log(line)
}

await service.stop()
await broker.close()
database.close()
