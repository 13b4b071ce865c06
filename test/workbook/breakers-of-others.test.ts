import { BrokenCircuitError, CircuitState, circuitBreaker, handleWhen, SamplingBreaker } from "cockatiel"
import CircuitBreaker from "opossum"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { breakerChecks } from "../exercises/3.2.3-circuit-breaker/breaker-checks.ts"
import { BreakerRun, type BreakerUnderTest, isFailure, options } from "../exercises/3.2.3-circuit-breaker/breaker-run.ts"
import { Story } from "../exercises/support/story.ts"

// The checks of section 3.2.3 ask for what the field means by a circuit breaker: two libraries that people use pass them, but for
// what each does otherwise, which is named here with its reason and must stay so.

type Call = () => Promise<unknown>

const libraries: { name: string; make: () => BreakerUnderTest; differs: Record<string, RegExp> }[] = [
  {
    name: "opossum",
    make: ofOpossum,
    differs: {
      // It keeps the window when it closes: with a window no longer than openMs, as by default, there is nothing left in it.
      "closed again, it begins with no failures": /since it was closed only 1 call has failed/,
      // It does not tell the calls of different states apart.
      "half-open, a late answer does not close it": /has closed it/,
      "half-open, a late failure does not open it": /because of a call from before it opened it is open now/,
    },
  },
  {
    name: "cockatiel",
    make: ofCockatiel,
    differs: {
      // It drops the oldest piece of its window when a call ends, one at a time: time alone forgets nothing.
      "it forgets failures that are too old": /in the last 10,000 ms 1 of 4 calls has failed/,
      // The others wait for the probe, and are made or refused by what comes of it.
      "half-open, a second call is refused": /it waits/,
      // It does not tell the calls of different states apart.
      "half-open, a late failure does not open it": /because of a call from before it opened it is open now/,
    },
  },
]

function ofOpossum(): BreakerUnderTest {
  const breaker = new CircuitBreaker((call: Call) => call(), {
    timeout: false,
    errorThresholdPercentage: options.rateMax * 100,
    volumeThreshold: options.minimumCalls,
    rollingCountTimeout: options.windowMs,
    resetTimeout: options.openMs,
    errorFilter: (error) => !isFailure(error),
  })
  return {
    run: <Answer>(call: () => Promise<Answer>) => breaker.fire(call) as Promise<Answer>,
    refused: (error) => (error as { code?: string }).code === "EOPENBREAKER",
    get state() {
      return breaker.opened ? "open" : breaker.halfOpen ? "half-open" : "closed"
    },
  }
}

function ofCockatiel(): BreakerUnderTest {
  const { windowMs, minimumCalls, rateMax, openMs } = options
  const breaker = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: openMs,
    breaker: new SamplingBreaker({ threshold: rateMax, duration: windowMs, minimumRps: minimumCalls / (windowMs / 1_000) }),
  })
  return {
    run: (call) => breaker.execute(call),
    refused: (error) => error instanceof BrokenCircuitError,
    get state() {
      return breaker.state === CircuitState.Open ? "open" : breaker.state === CircuitState.HalfOpen ? "half-open" : "closed"
    },
  }
}

beforeEach(() => {
  // Both read the machine's clock. The virtual clock needs the event loop's own turns, so these stay.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] })
  vi.stubEnv("WAYSTATION_LANG", "en")
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

describe.each(libraries)("$name", ({ make, differs }) => {
  for (const { title, check } of breakerChecks) {
    test(title, async () => {
      const story = new Story()
      const advance = async (ms: number) => {
        await vi.advanceTimersByTimeAsync(ms)
        await story.clock.advance(ms)
      }
      const checked = check(new BreakerRun(story, { advance }, make()))
      const difference = differs[title]
      if (difference) await expect(checked).rejects.toThrow(difference)
      else await checked
    })
  }

  test("every difference that is named is one of a check", () => {
    const titles = breakerChecks.map((check) => check.title)
    expect(titles).toEqual(expect.arrayContaining(Object.keys(differs)))
  })
})
