import type { Database } from "#waystation"
import { compare, crashEverywhere } from "#waystation/testing"

interface Order {
  readonly id: string
  readonly consumerId: string
  readonly portions: number
}

// #region whole
/** All of it, if consumers, kitchen and money lie in one database. The answer is final when it returns. */
function placeOrder(database: Database, { id, consumerId, portions }: Order): "VALIDATED" | "REJECTED" {
  const place = database.transaction(() => {
    const known = database.prepare("SELECT status FROM orders WHERE id = ?").pluck().get(id)
    if (known) return known as "VALIDATED" | "REJECTED"
    const takes = (sql: string, ...values: unknown[]) => database.prepare(sql).run(...values).changes === 1
    const isBlocked = database.prepare("SELECT 1 FROM consumer WHERE id = ? AND blocked").get(consumerId)
    const passes =
      !isBlocked &&
      database.prepare("SELECT 1 FROM kitchen WHERE portions >= ?").get(portions) !== undefined &&
      takes("UPDATE card SET cents = cents - ? WHERE consumer_id = ? AND cents >= ?", portions * 900, consumerId, portions * 900) &&
      takes("UPDATE kitchen SET portions = portions - ?", portions)
    const status = passes ? "VALIDATED" : "REJECTED"
    database.prepare("INSERT INTO orders VALUES (?, ?)").run(id, status)
    return status
  })
  return place.immediate()
}
// #endregion

const orders: Order[] = [
  { id: "order-1", consumerId: "mina", portions: 2 },
  { id: "order-2", consumerId: "joon", portions: 9 },
  { id: "order-3", consumerId: "mina", portions: 1 },
]

const report = await crashEverywhere({
  setup(process) {
    process.open("shop.db").exec(`
      CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT) STRICT;
      CREATE TABLE consumer (id TEXT PRIMARY KEY, blocked INTEGER) STRICT;
      CREATE TABLE kitchen (portions INTEGER) STRICT;
      CREATE TABLE card (consumer_id TEXT PRIMARY KEY, cents INTEGER) STRICT;
      INSERT INTO consumer VALUES ('mina', 0), ('joon', 0);
      INSERT INTO kitchen VALUES (5);
      INSERT INTO card VALUES ('mina', 2700), ('joon', 90000)`)
  },
  run(process) {
    const database = process.open("shop.db")
    for (const order of orders) placeOrder(database, order)
  },
  check(outcome) {
    const ask = (sql: string) => outcome.open("shop.db").prepare(sql).pluck().all().map(String)
    const left = [
      ...ask("SELECT id || ' ' || status FROM orders"),
      ...ask("SELECT portions FROM kitchen"),
      ...ask("SELECT cents FROM card"),
    ]
    return compare(["order-1 VALIDATED", "order-2 REJECTED", "order-3 VALIDATED", "2", "0", "90000"], left)
  },
})
console.log(`crashed ${report.runs - 1} times, at ${report.boundaries} effects: nothing lost, doubled or left held`)
