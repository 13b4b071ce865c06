import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { backoffMs } from "../../broker/backoff.ts"

const top = () => 1 - Number.EPSILON

describe("the wait before the next attempt", () => {
  test("begins at initialMs, grows by the factor and ends at maxMs", () => {
    const waits = [1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, { initialMs: 10, factor: 3, maxMs: 500 }, top))
    expect(waits).toEqual([10, 30, 90, 270, 500])
  })

  test("doubles from 100 ms to 30 s when nothing is said", () => {
    expect([1, 2, 3, 20].map((attempt) => backoffMs(attempt, {}, top))).toEqual([100, 200, 400, 30_000])
  })

  test("takes chance into account, within half of the wait", () => {
    expect(backoffMs(1, { initialMs: 1_000 }, () => 0)).toBe(500)
    expect(backoffMs(1, { initialMs: 1_000 }, () => 0.5)).toBe(750)
  })

  test("is a whole number of milliseconds from 0 to maxMs, however many attempts and whatever the figures", () => {
    const figures = fc.record({
      initialMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
      factor: fc.double({ min: 1, max: 1_000, noNaN: true }),
      maxMs: fc.integer({ min: 0, max: 1e9 }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        figures,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, backoff, chance) => {
          const wait = backoffMs(attempt, backoff, () => chance)
          expect(Number.isSafeInteger(wait)).toBe(true)
          expect(wait >= 0 && wait <= backoff.maxMs).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
