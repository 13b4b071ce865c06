import { expect, test } from "vitest"
import { figure, isLong, shortOrLong } from "./support/figure.ts"
import { pauseProcesses, simulatePauses } from "./support/pauses.ts"

test("T8: who stood still past its lease settles nothing; without regard to the lease's token the same workers book twice", {
  timeout: 600_000,
}, async () => {
  const leasedAgain = shortOrLong(100, 500)
  const simulated = { with: await simulatePauses(true, leasedAgain), without: await simulatePauses(false, leasedAgain) }
  figure("T8", {
    processes: "simulated",
    leasedAgain: simulated.with.leasedAgain,
    doubledWithToken: simulated.with.doubled,
    doubledWithout: simulated.without.doubled,
  })
  expect(simulated.with.doubled).toBe(0)
  expect(simulated.without.doubled).toBeGreaterThan(0)
  if (!isLong) return

  const real = { with: await pauseProcesses(true, 100), without: await pauseProcesses(false, 100) }
  figure("T8", {
    processes: "real",
    leasedAgain: real.with.leasedAgain,
    doubledWithToken: real.with.doubled,
    doubledWithout: real.without.doubled,
  })
  expect(real.with.doubled).toBe(0)
  expect(real.without.doubled).toBeGreaterThan(0)
})
