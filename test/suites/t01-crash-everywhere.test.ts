import { expect, test } from "vitest"
import * as waystation from "#waystation"
import { createOutbox, relayOutbox } from "#waystation"
import { compare, crashEverywhere } from "#waystation/testing"
import { figure, isLong } from "./support/figure.ts"
import { operations } from "./support/operations.ts"
import { publicMethods } from "./support/public-methods.ts"

test("T1: a crash before and after every effect of every public operation loses, doubles and reorders nothing", {
  timeout: 120_000,
}, async () => {
  const methods = publicMethods(waystation)
  let boundaries = 0
  let runs = 0
  for (const [name, scenario] of Object.entries(operations(waystation))) {
    const report = await crashEverywhere(scenario)
    expect(report.boundaries, name).toBeGreaterThan(5)
    boundaries += report.boundaries
    runs += report.runs
  }
  expect(methods.uncalled(), "Public methods that no scenario calls").toEqual([])
  figure("T1", { operations: methods.count, boundaries, runs, violations: 0 })
})

test("T1: a scenario of sixty boundaries answers at once", async () => {
  const begun = performance.now()
  const { boundaries, runs } = await crashEverywhere({
    async run(process) {
      const database = process.open("shop.db")
      database.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY)")
      const outbox = createOutbox(database, process.timing)
      const place = database.transaction((id: string) => {
        const isNew = database.prepare("INSERT INTO orders VALUES (?) ON CONFLICT DO NOTHING").run(id).changes === 1
        if (isNew) outbox.send("orders", { id }, { id })
      })
      for (let number = 1; number <= 16; number++) place(`order-${number}`)
      const relay = relayOutbox(database, process.publisher(), { method: "polling", ...process.timing })
      await relay.idle()
      await relay.stop()
    },
    check: (outcome) => {
      const orders = outcome.open("shop.db").prepare<[], string>("SELECT id FROM orders ORDER BY rowid").pluck().all()
      return compare(orders, [...new Set(outcome.published.map(({ id }) => id))], { key: () => "" })
    },
  })
  const milliseconds = performance.now() - begun
  figure("T1", { boundaries, runs, milliseconds })
  expect(boundaries).toBeGreaterThanOrEqual(60)
  // A bound on time wants a machine with time to spare.
  if (isLong) expect(milliseconds).toBeLessThan(1_000)
})
