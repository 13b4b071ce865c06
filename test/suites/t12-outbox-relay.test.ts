import { expect, test } from "vitest"
import { figure, isLong, shareOf, shortOrLong } from "./support/figure.ts"
import { onThisRuntime, torture } from "./support/relay-torture.ts"
import { runtimes } from "./support/runtimes.ts"

/** The same torture by both methods, with kills, is `relay-torture.test.ts`; this is the count of T12. */
test("T12: of what four writers commit, between rollbacks and kills, the relay skips nothing", { timeout: 7_200_000 }, async () => {
  const rows = shareOf(shortOrLong(1_000, 1_000_000)).count
  const commands = isLong ? runtimes().map(({ command }) => [...command]) : [onThisRuntime]
  const writers = Array.from({ length: 4 }, (_, index) => commands[index % commands.length] ?? onThisRuntime)
  const figures = await torture({ rows, method: "tailing", autocheckpoint: 1_000, kills: shareOf(shortOrLong(2, 40)).count, writers })
  figure("T12", { ...figures, writers: writers.length })
  // Repeats come after a kill only. A machine so busy that a relay stands still past its lease breaks this, and is no place to run it.
  expect(figures).toMatchObject({ skipped: 0, phantom: 0, sideBySide: 0, unexplained: 0 })
  expect(figures.rows).toBeGreaterThanOrEqual(rows)
})
