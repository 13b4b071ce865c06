import { writeSync } from "node:fs"
import { openBroker } from "#waystation"

/**
 * `power-writer.ts <file> <full | normal> <messages>`: sends one message after another, and prints the id of each that was accepted.
 * The log is moved into the file often, so that both are written.
 */
const [file = "", durability = "full", messages = ""] = process.argv.slice(2)
const broker = openBroker(file, { durability: durability === "normal" ? "normal" : "full" })
broker.database.pragma("wal_autocheckpoint = 40")
const queue = broker.queue("work")
for (let n = 0; n < Number(messages); n++) writeSync(1, `ack ${await queue.send({ n }, { id: `message-${n}` })}\n`)
await broker.close()
process.exit()
