/** A member of the group "kitchen" of the partitioned channel "orders", whose effects are rows. */
import { type Database, type Message, openBroker } from "#waystation"
import { args, finished, say } from "./talk.ts"

const [file = ""] = args
const broker = openBroker(file)
broker.events.on("rebalanced", () => say("rebalanced"))
const handler = (message: Message<number>, database: Database) => {
  database.prepare("INSERT INTO effect (key, number) VALUES (?, ?)").run(message.key, message.body)
}
const consumer = broker
  .partitioned<number>("orders", { partitions: 4 })
  .consume("kitchen", handler, { transactional: true, concurrency: 2, leaseMs: 1_000 })
say("open")
await finished()
say("assigned", { partitions: consumer.assigned })
await broker.close()
