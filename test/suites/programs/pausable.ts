import { writeSync } from "node:fs"
import { openBroker } from "#waystation"

/**
 * `pausable.ts <file> with|without`: handles "work" slowly, and tells of each message that it has begun. Then it books the
 * message's effect, in one transaction with the acknowledgement; "without" means without regard to a lost lease.
 */
const [file = "", token = ""] = process.argv.slice(2)
const broker = openBroker(file)
const insert = broker.database.prepare("INSERT INTO effect (id) VALUES (?)")
broker.queue("work").consume(
  async (message, delivery) => {
    writeSync(1, `${message.id}\n`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    broker.transaction(() => {
      try {
        delivery.ack()
      } catch (error) {
        if (token === "with") throw error
      }
      insert.run(message.id)
    })
  },
  { leaseMs: 300, attemptsMax: 1_000 },
)
