import { expect, test } from "vitest"
import { cutPower } from "./support/relay-power-cut.ts"

/** The short form of `node test/suites/relay-power-cut.ts`. */
test.each(["polling", "tailing"] as const)(
  "by %s: 40 power cuts between a commit frame and its sync, and nothing is published that is not there afterwards",
  { timeout: 60_000 },
  async (method) => {
    const figures = await cutPower(40, method, 20_260_102)
    expect(figures).toMatchObject({ cuts: 40, phantom: 0, skipped: 0 })
    expect(figures.afterCommitFrame).toBeGreaterThan(10)
    expect(figures.published).toBeGreaterThan(20)
  },
)
