import { expect, test } from "vitest"
import * as testing from "#waystation/testing"
import { figure, shortOrLong } from "./support/figure.ts"
import { consuming, keyOf, quietMs } from "./support/lives.ts"

/** Members come and go all the time, some of them killed, some of them standing still while others take their partitions. */
function comingAndGoing(): testing.SimulationScenario {
  const member = async (process: testing.SimulatedProcess) => {
    const log = process.openBroker().partitioned("moves", { partitions: 6 })
    const handle = () => process.sleep(50 + process.random() * 200)
    for (let visit = 0; visit < 10; visit++) {
      const consumer = log.consume("stock", handle, { ...consuming, concurrency: 3 })
      await process.sleep(process.random() * 300)
      await consumer.stop({ graceMs: process.random() * 100 })
    }
    log.consume("stock", handle, { ...consuming, concurrency: 3 })
  }
  return {
    messages: 30,
    setup: (process) => void process.openBroker().partitioned("moves", { partitions: 6 }),
    processes: {
      async dock(process) {
        const log = process.openBroker().partitioned("moves", { partitions: 6 })
        for (const n of process.messages) {
          await log.send({ n }, { id: `move-${n}`, key: `${keyOf(n)}-${n % 5}` })
          await process.sleep(process.random() * 40)
        }
      },
      "member-1": member,
      "member-2": member,
      "member-3": member,
    },
  }
}

test("T13: through thousands of generations no commit of a former owner is accepted, and every message keeps its place", {
  timeout: 3_600_000,
}, async () => {
  const scenario = comingAndGoing()
  const totals = { generations: 0, commits: 0, refused: 0, staleAccepted: 0 }
  for (let seed = 1; totals.generations < shortOrLong(2_000, 50_000); seed++) {
    const { history } = await testing.simulate({ seed, scenario, quietMs, faults })
    const commits = history.filter(({ event }) => event === "committed")
    totals.generations += Math.max(...history.map(({ generation }) => generation ?? 0))
    totals.commits += commits.length
    totals.refused += history.filter(({ event, group }) => event === "lease-lost" && group === "stock").length
    totals.staleAccepted += stale(commits)
  }
  figure("T13", totals)
  expect(totals.staleAccepted).toBe(0)
  expect(totals.refused).toBeGreaterThan(0)
})

/** Above all what makes a member go on in the belief that a partition is still its own. */
const faults: testing.FaultKind[] = ["pause", "pause", "pause", "crash", "slow", "nack"]

/** Commits that name a generation older than one that the partition has seen. */
function stale(commits: readonly testing.Entry[]): number {
  const newest = new Map<number, number>()
  return commits.filter(({ partition = 0, generation = 0 }) => {
    const seen = newest.get(partition) ?? 0
    newest.set(partition, Math.max(seen, generation))
    return generation < seen
  }).length
}
