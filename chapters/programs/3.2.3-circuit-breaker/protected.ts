import { virtualClock } from "#waystation/testing"
import { withTimeout } from "../../../solutions/3.2.3-circuit-breaker/1-timeout.ts"
import { Limit, TooManyCallsError } from "../../../solutions/3.2.3-circuit-breaker/2-limit.ts"
import { FailureRate, isFailure } from "../../../solutions/3.2.3-circuit-breaker/3-failure-rate.ts"
import { Breaker, CircuitOpenError } from "../../../solutions/3.2.3-circuit-breaker/4-breaker.ts"

// The order service of slow-card.ts, for a minute. The card service is silent from second 10 to second 40.
const [atATime, silentFrom, wellFrom, timeoutMs] = [20, 10_000, 40_000, 5_000]
const rate = { windowMs: 10_000, minimumCalls: 10, rateMax: 0.5 }

for (const protection of ["time-out", "time-out and limit", "time-out, limit and breaker"]) {
  const clock = virtualClock()
  const began = clock.now()
  const at = () => clock.now() - began
  const limit = new Limit(protection.includes("limit") ? 10 : Number.POSITIVE_INFINITY)
  const breaker = new Breaker({ clock, openMs: 5_000, isFailure, newRate: () => new FailureRate({ clock, ...rate }) })
  const guarded = protection.includes("breaker") ? breaker : { run: (call: () => Promise<void>) => call() }
  const states: string[] = []
  let last = "closed"
  const note = (state = breaker.state) => {
    if (state !== last) states.push(`  second ${(at() / 1_000).toFixed(1)}: ${state}`)
    last = state
  }

  let [busy, mostBusy, slowestMenu, asked, refused, timedOut] = [0, 0, 0, 0, 0, 0]
  const queue: (() => void)[] = []
  const work = async (job: () => Promise<void>) => {
    if (busy < atATime) mostBusy = Math.max(mostBusy, ++busy)
    else await new Promise<void>((resolve) => queue.push(resolve))
    await job()
    const next = queue.shift()
    if (next) next()
    else busy--
  }
  const card = async () => {
    if (at() < silentFrom || at() >= wellFrom) return clock.sleep(100)
    asked++
    return new Promise<void>(() => {})
  }
  const pay = () =>
    // The limit is outermost: what it refuses says nothing about the card service.
    limit
      .run(() => guarded.run(() => withTimeout(clock, timeoutMs, card)))
      .catch((error: unknown) => {
        if (error instanceof TooManyCallsError || error instanceof CircuitOpenError) refused++
        else timedOut++
      })
  const menu = async (wanted: number) => {
    await clock.sleep(50)
    slowestMenu = Math.max(slowestMenu, at() - wanted)
  }

  for (let turn = 0; turn < 60 * 20; turn++) {
    const wanted = at()
    void work(() => menu(wanted))
    if (turn % 4 === 0) void work(pay)
    await clock.advance(25)
    note()
    await clock.advance(25)
    note()
  }
  console.log(protection)
  console.log(`  at most ${mostBusy} of ${atATime} busy, the slowest menu after ${slowestMenu.toLocaleString("en")} ms`)
  console.log(`  payments: ${timedOut} waited ${timeoutMs / 1_000} s in vain, ${refused} were refused at once`)
  console.log(`  requests to the silent card service: ${asked}`)
  if (protection.includes("breaker")) console.log(states.join("\n"))
}
