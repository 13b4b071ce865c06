import { test } from "vitest"
import { simulate } from "#waystation/testing"
import * as wiring from "../../solutions/3.5-wrapping-up/3-whole-process.ts"
import { fateOf, OrderProcess } from "../exercises/3.5-wrapping-up/order-process.ts"
import { faultsMs, messages } from "../exercises/3.5-wrapping-up/simulated.ts"
import { figure, shareOf, shortOrLong } from "./support/figure.ts"

const seedsMax = 1_000
/** Outside the long form each day has a share of the seeds, so that all of them have their turn. */
const days = 20

test("3.5: the order process of the solution loses, doubles and forgets nothing, whatever befalls it", { timeout: 3_600_000 }, async () => {
  const { before, count } = shortOrLong(shareOfToday(), shareOf(seedsMax))
  const process = new OrderProcess(wiring, messages)
  const totals = { crashes: 0, down: 0 }
  for (let seed = before + 1; seed <= before + count; seed++) {
    process.fate = fateOf(seed, messages)
    const { history } = await simulate({ seed, scenario: process.scenario, ...faultsMs })
    totals.crashes += history.filter(({ event }) => event === "crashed").length
    totals.down += process.fate.down === undefined ? 0 : 1
  }
  const kinds = { lost: 0, phantom: 0, reordered: 0, doubled: 0, stuck: 0 }
  figure("3.5 order process", { seeds: count, from: before + 1, ...totals, ...kinds })
})

function shareOfToday(): { before: number; count: number } {
  const count = seedsMax / days
  return { before: (Math.floor(Date.now() / 86_400_000) % days) * count, count }
}
