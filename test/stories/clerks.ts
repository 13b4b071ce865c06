import type { SimulatedProcess, SimulationScenario } from "#waystation/testing"

const partitions = 4

/** Two clerks who share a partitioned channel and take their time, and a dock that writes into it. */
export const clerks: SimulationScenario = {
  messages: 8,
  setup: (process) => void process.openBroker().partitioned("moves", { partitions }),
  processes: {
    async dock(process) {
      const log = process.openBroker().partitioned("moves", { partitions })
      for (const n of process.messages) {
        await log.send({ n }, { id: `move-${n}`, key: `customer-${n % 5}` })
        await process.sleep(process.random() * 30)
      }
    },
    "clerk-1": report,
    "clerk-2": report,
  },
}

function report(process: SimulatedProcess): void {
  const log = process.openBroker().partitioned("moves", { partitions })
  log.consume("report", () => process.sleep(10 + process.random() * 60), {
    concurrency: 2,
    leaseMs: 1_000,
    attemptsMax: 1_000,
    backoff: { initialMs: 50, maxMs: 400 },
  })
}
