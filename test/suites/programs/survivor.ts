import { writeSync } from "node:fs"
import { openBroker } from "#waystation"

/**
 * `survivor.ts <file> <name>`: sends and handles at once until it is killed. Each id that was accepted is printed, by a
 * write that is done when it returns: what was printed had been promised.
 */
const [file = "", name = ""] = process.argv.slice(2)
const broker = openBroker(file)
broker.database.exec("CREATE TABLE IF NOT EXISTS effect (id TEXT NOT NULL) STRICT")
const work = broker.queue("work")
const insert = broker.database.prepare("INSERT INTO effect (id) VALUES (?)")
work.consume((message) => void insert.run(message.id), { leaseMs: 500, concurrency: 4, attemptsMax: 1_000, transactional: true })

for (let n = 0; ; n++) {
  const ids = [`${name}-${n}-a`, `${name}-${n}-b`]
  await Promise.all(ids.map((id) => work.send({ n }, { id })))
  for (const id of ids) writeSync(1, `${id}\n`)
  await new Promise((resolve) => setTimeout(resolve, 3))
}
