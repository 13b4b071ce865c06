/**
 * A service's process: places orders with their events, a few in each transaction, and rolls some back, until the file has
 * enough of them. Arguments: file, orders, name, pages between checkpoints.
 */
import BetterSqlite3 from "better-sqlite3"
import { createOutbox } from "#waystation"

const [file = "", orders = "0", name = "", autocheckpoint = "1000"] = process.argv.slice(2)
const database = new BetterSqlite3(file, { timeout: 60_000 })
const outbox = createOutbox(database)
database.pragma(`wal_autocheckpoint = ${autocheckpoint}`)
const insert = database.prepare("INSERT INTO orders (message_id) VALUES (?)")
const placed = database.prepare("SELECT ifnull(max(id), 0) FROM orders").pluck()

class Undone extends Error {}

const place = database.transaction((round: number) => {
  const count = Math.min(1 + Math.floor(Math.random() * 20), Number(orders) - (placed.get() as number))
  for (let number = 0; number < count; number++) {
    const id = `${name}-${round}-${number}`
    const order = Number(insert.run(id).lastInsertRowid)
    // Now and then a body that needs pages of its own.
    const note = "n".repeat(Math.random() < 0.02 ? 12_000 : Math.floor(Math.random() * 200))
    outbox.send("orders", { order, note }, { id })
  }
  if (Math.random() < 0.2) throw new Undone()
  return count
})

for (let round = 0; ; round++) {
  try {
    if (place.immediate(round) === 0) break
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
}
database.close()
