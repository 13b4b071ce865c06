/** Handles the queue "work" with an effect in the broker's own database, in one transaction with the acknowledgement. */
import { type Database, type Message, openBroker } from "#waystation"
import { args, finished, say } from "./talk.ts"

const [file = "", leaseMs = "1000"] = args
const broker = openBroker(file)
broker.transaction((database) => {
  database.exec("CREATE TABLE IF NOT EXISTS effect (position INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL, key TEXT)")
})
const handler = (message: Message<string>, database: Database) => {
  database.prepare("INSERT INTO effect (message, key) VALUES (?, ?)").run(message.id, message.key)
}
broker
  .queue<string>("work", { orderByKey: true })
  .consume(handler, { transactional: true, concurrency: 4, leaseMs: Number(leaseMs), backoff: { initialMs: 1, maxMs: 10 } })
say("open")
await finished()
await broker.close()
