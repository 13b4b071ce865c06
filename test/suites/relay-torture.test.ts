import { expect, test } from "vitest"
import { onThisRuntime, torture } from "./support/relay-torture.ts"

/** The short form of `node test/suites/relay-torture.ts`. */
test.each([
  ["polling", 1_000],
  ["tailing", 1],
] as const)(
  "by %s, a checkpoint at every %i pages: four writers, rollbacks and kills, and every order is published once",
  { timeout: 120_000 },
  async (method, autocheckpoint) => {
    const writers = Array.from({ length: 4 }, () => onThisRuntime)
    const figures = await torture({ rows: 2_000, method, autocheckpoint, kills: 4, writers })
    expect(figures).toMatchObject({ rows: 2_000, skipped: 0, phantom: 0, sideBySide: 0, unexplained: 0 })
    expect(figures.relaysKilled).toBeGreaterThan(0)
  },
)
