import { describe, expect, test } from "vitest"
import type { Message } from "#waystation"
import { AnomalyError, compare, type FaultKind, type SimulationScenario, simulate, toTrace } from "#waystation/testing"

const settings = { leaseMs: 1_000, attemptsMax: 100, backoff: { initialMs: 20, maxMs: 100 } }

/** Orders and one who handles them: `handle` is what a user may get wrong. */
function kitchen(
  handle: (process: Parameters<SimulationScenario["processes"][string]>[0], message: Message) => unknown,
): SimulationScenario {
  return {
    messages: 8,
    processes: {
      async shop(process) {
        const orders = process.openBroker().queue("orders")
        for (const n of process.messages) await orders.send({ n }, { id: `order-${n}` })
      },
      "cook-1": (process) =>
        void process
          .openBroker()
          .queue("orders")
          .consume((message) => handle(process, message), settings),
      "cook-2": (process) =>
        void process
          .openBroker()
          .queue("orders")
          .consume((message) => handle(process, message), settings),
    },
  }
}

const careful = kitchen(async (process, { id }) => {
  await process.sleep(10 + process.random() * 50)
  process.effect("cooked", { id })
})

async function found(scenario: SimulationScenario, seeds = 200): Promise<{ error: AnomalyError; seed: number }> {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      await simulate({ seed, scenario })
    } catch (error) {
      if (error instanceof AnomalyError) return { error, seed }
      throw error
    }
  }
  throw new Error(`Nothing was found with ${seeds} seeds.`)
}

test("a handler that is right passes, whatever befalls the processes", async () => {
  for (let seed = 1; seed <= 30; seed++) await simulate({ seed, scenario: careful })
})

test("one seed is one run, to the last entry; another seed is another run", async () => {
  const traces = await Promise.all([7, 7, 8].map(async (seed) => toTrace((await simulate({ seed, scenario: careful })).history)))
  expect(traces[0]).toBe(traces[1])
  expect(traces[0]).not.toBe(traces[2])
})

test("each kind of fault strikes, and a process that was crashed starts again", async () => {
  const kinds: FaultKind[] = ["crash", "pause", "slow", "reorder", "duplicate", "nack", "clock-jump", "busy", "io-error", "full-disk"]
  for (const kind of kinds) {
    const struck = []
    for (let seed = 1; seed <= 10 && struck.length === 0; seed++) {
      const { history } = await simulate({ seed, scenario: careful, faults: [kind], faultsDuringMs: 500 })
      struck.push(...history.filter(({ event, what }) => event === "fault" && what?.startsWith(kind)))
      const crashed = history.filter(({ event }) => event === "crashed").length
      const lives = history.filter(({ event }) => event === "started").length
      expect(lives).toBe(3 + crashed)
    }
    expect(struck.length, kind).toBeGreaterThan(0)
  }
})

describe("what a user may get wrong is found, with the smallest run that shows it", () => {
  test("a handler that does not wait for its own work: LOST", async () => {
    const careless = kitchen((process, { id }) => {
      process.clock.setTimer(30, () => process.effect("cooked", { id }))
    })
    const check: SimulationScenario["check"] = (outcome) => {
      const accepted = outcome.history.flatMap(({ event, id = "" }) => (event === "send-ok" ? [id] : []))
      return compare(
        accepted,
        outcome.effects("cooked").map(({ id = "" }) => id),
      )
    }
    const { error, seed } = await found({ ...careless, check })
    expect(error.kind).toBe("LOST")
    expect(error.message).toContain(`Seed ${seed}. It takes 1 of `)
    expect(error.message).toMatch(/1 of 8 messages/)
    expect(error.message).toMatch(/CRASHES/)
    expect(error.explain("ko")).toMatch(
      /^LOST: 메시지 "order-\d": 도착하지 않았습니다\.\n시드\(seed\) \d+\. 줄인 결과: 장애 \d+ → 1, 프로세스 3 → [23], 메시지 8 → 1\./,
    )
    // The found run comes again from its seed alone.
    await expect(simulate({ seed, scenario: { ...careless, check } })).rejects.toThrow(error.message)
  })

  test("a handler whose effect is not idempotent: DUPLICATED", async () => {
    const scenario: SimulationScenario = {
      ...careful,
      check: (outcome) => {
        const cooked = outcome.effects("cooked").map(({ id = "" }) => id)
        return compare([...new Set(cooked)], cooked, { once: true })
      },
    }
    expect((await found(scenario)).error.kind).toBe("DUPLICATED")
  })

  test("a process that cannot start: FAILED, with its own error", async () => {
    const scenario: SimulationScenario = {
      processes: {
        shop() {
          throw new Error("no such table: orders")
        },
      },
    }
    const { error } = await found(scenario, 1)
    expect(error.kind).toBe("FAILED")
    expect(error.message).toContain("no such table: orders")
  })

  test("a process that waits for ever: STUCK", async () => {
    const scenario: SimulationScenario = { processes: { shop: (process) => process.until(() => false) } }
    expect((await found(scenario, 1)).error.message).toContain('Not done: "shop"')
  })
})

test("what holds at no time is asked after every step", async () => {
  let asked = 0
  const always: SimulationScenario["always"] = () => {
    asked++
    return undefined
  }
  const { steps } = await simulate({ seed: 1, scenario: { ...careful, always } })
  expect(asked).toBeGreaterThanOrEqual(steps)
})
