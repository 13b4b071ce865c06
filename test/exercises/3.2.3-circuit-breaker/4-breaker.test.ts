import { test } from "vitest"
import { Breaker, CircuitOpenError } from "#work/3.2.3-circuit-breaker/4-breaker.ts"
import { Story } from "../support/story.ts"
import { type BreakerCheck, breakerChecks } from "./breaker-checks.ts"
import { BreakerRun, isFailure, options, SlidingRate } from "./breaker-run.ts"

for (const { task, title, check } of breakerChecks) test(`[${task}] ${title}`, () => runCheck(task, check))

async function runCheck(task: number, check: BreakerCheck["check"]): Promise<void> {
  const story = new Story()
  const { clock } = story
  const breaker = new Breaker({ clock, openMs: options.openMs, isFailure, newRate: () => new SlidingRate(clock) })
  const run = new BreakerRun(story, clock, {
    run: (call) => breaker.run(call),
    refused: (error) => error instanceof CircuitOpenError,
    get state() {
      return breaker.state
    },
  })
  if (task === 8) run.expectState("closed")
  await check(run)
}
