import { expect, test } from "vitest"
import * as waystation from "#waystation"
import { crashEverywhere } from "#waystation/testing"
import { figure } from "./support/figure.ts"
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
