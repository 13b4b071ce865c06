import { expect, test } from "vitest"
import { fuzzLog } from "./support/wal-fuzz.ts"

/** The short form of `node test/suites/wal-fuzz.ts`. */
test("300 damaged logs: no crash, no endless loop, and no row that SQLite does not show", { timeout: 60_000 }, () => {
  const figures = fuzzLog(300, 20_260_102)
  expect(figures).toMatchObject({ mutations: 300, notShown: 0, missed: 0, misjudged: 0, crashes: 0 })
  // Otherwise the damage would show nothing: it has to get as far as the pages, and to be seen through.
  expect(Math.min(figures.fromLog, figures.fromTable, figures.unreadable)).toBeGreaterThan(20)
  expect(figures.slowestMs).toBeLessThan(10_000)
})
