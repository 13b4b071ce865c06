import { expect, test } from "vitest"
import * as waystation from "#waystation"
import { crashEverywhere, type Strike } from "#waystation/testing"
import { figure, shortOrLong } from "./support/figure.ts"
import { operations } from "./support/operations.ts"

/** To the broker they are one: a write that did not happen. */
const strikes: Strike[] = shortOrLong(["io-error"], ["full-disk", "io-error"])

test("T7: a disk that is full, or fails, at every single write: nothing is acknowledged that is not saved", {
  timeout: 600_000,
}, async () => {
  let writes = 0
  let runs = 0
  for (const [name, scenario] of Object.entries(operations(waystation))) {
    const report = await crashEverywhere(scenario, { strikes })
    expect(report.boundaries, name).toBeGreaterThan(5)
    writes += report.boundaries
    runs += report.runs
  }
  figure("T7", { failures: strikes.join(","), writes, runs, acknowledgedUnsaved: 0 })
})
