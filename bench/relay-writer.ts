/**
 * The service in `bench/relay.ts`: sends messages through its outbox, each in a commit of its own at full durability and
 * at uneven distances, or ten to a commit as fast as it can. Says when each commit had returned.
 * Arguments: file, messages, mean distance in milliseconds (0: as fast as it can), and "sql" for a service that knows
 * nothing of Waystation and writes the rows itself.
 */
import { randomUUID } from "node:crypto"
import BetterSqlite3 from "better-sqlite3"
import { createOutbox } from "../broker/index.ts"

const [file = "", messages = "0", meanMs = "0", by = "outbox"] = process.argv.slice(2)
const database = new BetterSqlite3(file, { timeout: 60_000 })
const outbox = createOutbox(database)
const insert = database.prepare("INSERT INTO waystation_outbox (message_id, channel, sent_at, body) VALUES (?, 'orders', ?, ?)")
const committedAt: [string, number][] = []

function send(body: unknown): string {
  if (by !== "sql") return outbox.send("orders", body)
  const id = randomUUID()
  insert.run(id, Date.now(), JSON.stringify(body))
  return id
}

const commit = database.transaction((first: number, count: number) => {
  const ids: string[] = []
  for (let number = first; number < first + count; number++) ids.push(send({ number, note: "n".repeat(200) }))
  return ids
})

const together = meanMs === "0" ? 10 : 1
for (let number = 0; number < Number(messages); number += together) {
  const ids = commit.immediate(number, together)
  const now = performance.timeOrigin + performance.now()
  for (const id of ids) committedAt.push([id, now])
  // Uneven, so that no rhythm falls in with the relay's; and a turn of the event loop in which the outbox can signal.
  if (meanMs === "0") await new Promise((resolve) => setImmediate(resolve))
  else await new Promise((resolve) => setTimeout(resolve, -Math.log(1 - Math.random()) * Number(meanMs)))
}
database.close()
process.send?.(committedAt)
