import { describe, expect, test } from "vitest"
import type { BrokerOptions, ConsumeOptions, Delivery, Message } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { nothing, queueCounts } from "./support/counts.ts"
import { bodiesOf } from "./support/received.ts"
import { timedBroker } from "./support/timed.ts"
import { eventsOf, gate, recording } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

/** Longer than all retries of a message take together. */
const longMs = 120_000

function timed(options?: BrokerOptions) {
  const here = timedBroker(options)
  return { ...here, orders: here.broker.queue<string>("orders") }
}

/** Sends one message to a handler that always fails; says when each attempt ran, in milliseconds since the first. */
async function timesOfFailure(consume: ConsumeOptions, options?: BrokerOptions): Promise<number[]> {
  await using here = timed(options)
  const times = recording<number>()
  here.orders.consume(() => {
    times.add(here.clock.now())
    throw new Error("always")
  }, consume)
  await here.orders.send("poison")
  await here.clock.advance(longMs)
  return times.items.map((time) => time - (times.items[0] as number))
}

describe("retries", () => {
  test("a handler that throws or rejects gets the message again, with its attempt counted", async () => {
    await using here = timed()
    const attempts = recording<number>()
    here.orders.consume((message) => {
      attempts.add(message.attempt)
      if (message.attempt === 1) throw new Error("thrown")
      if (message.attempt === 2) return Promise.reject(new Error("rejected"))
    })
    await here.orders.send("a")
    await here.clock.advance(longMs)
    expect(attempts.items).toEqual([1, 2, 3])
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("a poison message is dead-lettered after exactly five attempts, or attemptsMax", async () => {
    expect(await timesOfFailure({})).toHaveLength(5)
    for (const attemptsMax of [1, 2, 7]) expect(await timesOfFailure({ attemptsMax })).toHaveLength(attemptsMax)
  })

  test("waits grow by the factor from initialMs to maxMs", async () => {
    // With chance at its upper end any usual jitter is next to the full wait.
    const times = await timesOfFailure({ attemptsMax: 6, backoff: { initialMs: 1_000, factor: 3, maxMs: 20_000 } }, { random: () => 0.999 })
    const waits = times.slice(1).map((time, index) => time - (times[index] as number))
    expect(waits).toHaveLength(5)
    for (const [index, full] of [1_000, 3_000, 9_000, 20_000, 20_000].entries()) {
      expect(waits[index]).toBeGreaterThan(full * 0.9)
      expect(waits[index]).toBeLessThanOrEqual(full)
    }
  })

  test("waits are spread by chance, and still never above maxMs", async () => {
    const low = await timesOfFailure({ attemptsMax: 2, backoff: { initialMs: 10_000, maxMs: 10_000 } }, { random: () => 0 })
    const high = await timesOfFailure({ attemptsMax: 2, backoff: { initialMs: 10_000, maxMs: 10_000 } }, { random: () => 0.999 })
    expect(low[1]).toBeLessThan(high[1] as number)
    expect(high[1]).toBeLessThanOrEqual(10_000)
  })

  test("a message that waits for its retry does not hold back the next one", async () => {
    await using here = timed()
    const handled = recording<string>()
    here.orders.consume((message) => {
      if (message.body === "bad" && message.attempt === 1) throw new Error("once")
      handled.add(message.body)
    })
    await here.orders.sendMany(["bad", "good"])
    await here.clock.settle()
    expect(handled.items).toEqual(["good"])
    await here.clock.advance(longMs)
    expect(handled.items).toEqual(["good", "bad"])
  })

  test("nack() inside the handler counts as an attempt", async () => {
    await using here = timed()
    const attempts = recording<number>()
    const handler = (message: Message<string>, delivery: Delivery<string>) => {
      attempts.add(message.attempt)
      delivery.nack({ delayMs: 0 })
    }
    here.orders.consume(handler, { attemptsMax: 3 })
    await here.orders.send("a")
    await here.clock.advance(longMs)
    expect(attempts.items).toEqual([1, 2, 3])
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, dead: 1 })
  })

  test("an attempt whose consumer vanished counts: a message that kills its consumers ends as a dead letter", async () => {
    await using here = workspace()
    const running = virtualClock()
    const attempts = recording<number>()
    for (let life = 1; life <= 3; life++) {
      // Its clock stands still once it has the message: it never renews, as if it had died.
      const dying = virtualClock({ now: running.now() })
      const broker = here.open({ clock: dying })
      broker.queue("orders").consume(
        (message) => {
          attempts.add(message.attempt)
          return new Promise(() => {})
        },
        { attemptsMax: 3, leaseMs: 1_000 },
      )
      if (life === 1) await broker.queue("orders").send("deadly")
      await attempts.reaches(life)
      await running.advance(1_000)
    }
    const survivor = here.open({ clock: running })
    survivor.queue("orders").consume((message) => attempts.add(message.attempt), { attemptsMax: 3 })
    await running.advance(10_000)
    expect(attempts.items).toEqual([1, 2, 3])
    expect(queueCounts(survivor, "orders")).toEqual({ ...nothing, dead: 1 })
  })

  test("a message out of attempts takes nobody's place: the next ones are delivered in the same breath", async () => {
    await using here = timed()
    await here.orders.send("worn out")
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(here.orders.receive({ leaseMs: 1 })).toHaveLength(1)
      await here.clock.advance(1)
    }
    await here.orders.sendMany(["stuck", "good", "better"])
    const handled = recording<string>()
    const finish = gate()
    here.orders.consume((message) => (message.body === "stuck" ? finish.opened : handled.add(message.body)), { concurrency: 2 })
    await here.clock.settle()
    expect(handled.items).toEqual(["good", "better"])
    expect(here.orders.deadLetters.list().map((letter) => letter.body)).toEqual(["worn out"])
    finish.open()
  })

  test("a thrown value that is no Error is a failure like any other", async () => {
    for (const thrown of ["text", undefined, null, { toString: () => 3 }, Symbol("s"), Object.create(null)]) {
      await using here = timed()
      here.orders.consume(
        () => {
          throw thrown
        },
        { attemptsMax: 1 },
      )
      await here.orders.send("a")
      await here.clock.settle()
      const [letter] = here.orders.deadLetters.list()
      expect(typeof letter?.reason).toBe("string")
    }
  })
})

describe("dead letters", () => {
  test("list() shows each with its message, its reason and when it failed", async () => {
    await using here = timed()
    here.orders.consume(
      () => {
        throw new Error("the kitchen is closed")
      },
      { attemptsMax: 2 },
    )
    const sentAt = here.clock.now()
    const id = await here.orders.send("a", { key: "k", headers: { h: "v" } })
    await here.clock.advance(longMs)
    const letters = here.orders.deadLetters.list()
    expect(letters).toHaveLength(1)
    expect(letters[0]).toMatchObject({ id, channel: "orders", body: "a", key: "k", headers: { h: "v" }, attempt: 2, sentAt })
    expect(letters[0]?.reason).toContain("the kitchen is closed")
    expect(letters[0]?.failedAt).toBeGreaterThan(sentAt)
    expect(letters[0]?.failedAt).toBeLessThan(sentAt + longMs)
  })

  test("list() is the oldest first, and no longer than the limit", async () => {
    await using here = timed()
    await here.orders.sendMany(["a", "b", "c"])
    for (const delivery of here.orders.receive({ max: 3 })) delivery.deadLetter(`no ${delivery.body}`)
    expect(here.orders.deadLetters.list().map((letter) => letter.reason)).toEqual(["no a", "no b", "no c"])
    expect(here.orders.deadLetters.list({ limit: 2 }).map((letter) => letter.body)).toEqual(["a", "b"])
  })

  test("redrive() sends all or the named ones again, as new attempts of the same message, and says how many", async () => {
    await using here = timed()
    const ids = await here.orders.sendMany(["a", "b", "c"])
    for (const delivery of here.orders.receive({ max: 3 })) delivery.deadLetter("x")
    const letters = here.orders.deadLetters
    expect(letters.redrive([ids[1] as string, "unknown"])).toBe(1)
    const [again] = here.orders.receive({ max: 3 })
    expect(again).toMatchObject({ id: ids[1], body: "b", attempt: 1 })
    expect(letters.redrive()).toBe(2)
    expect(bodiesOf(here.orders.receive({ max: 3 }))).toEqual(["a", "c"])
    expect(letters.redrive()).toBe(0)
    expect(letters.list()).toEqual([])
  })

  test("a redriven message reaches a consumer that was waiting, with all its attempts before it", async () => {
    await using here = timed()
    let healthy = false
    const attempts = recording<number>()
    here.orders.consume(
      (message) => {
        attempts.add(message.attempt)
        if (!healthy) throw new Error("not yet")
      },
      { attemptsMax: 2 },
    )
    await here.orders.send("a")
    await here.clock.advance(longMs)
    here.orders.deadLetters.redrive()
    await here.clock.advance(longMs)
    expect(attempts.items).toEqual([1, 2, 1, 2])
    healthy = true
    here.orders.deadLetters.redrive()
    await here.clock.advance(longMs)
    expect(attempts.items).toEqual([1, 2, 1, 2, 1])
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("discard() removes all or the named ones and says how many", async () => {
    await using here = timed()
    const ids = await here.orders.sendMany(["a", "b", "c"])
    for (const delivery of here.orders.receive({ max: 3 })) delivery.deadLetter("x")
    const letters = here.orders.deadLetters
    expect(letters.discard([ids[0] as string])).toBe(1)
    expect(letters.list().map((letter) => letter.body)).toEqual(["b", "c"])
    expect(letters.discard([])).toBe(0)
    expect(letters.redrive([])).toBe(0)
    expect(letters.discard()).toBe(2)
    expect(letters.list()).toEqual([])
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("redrive() of many takes all, in the order in which they failed", async () => {
    await using here = timed()
    const bodies = Array.from({ length: 1_500 }, (_, number) => String(number))
    await here.orders.sendMany(bodies)
    for (const delivery of here.orders.receive({ max: 2_000 })) delivery.deadLetter("x")
    expect(here.orders.deadLetters.redrive()).toBe(1_500)
    expect(bodiesOf(here.orders.receive({ max: 2_000 }))).toEqual(bodies)
  })

  test("dead letters outlive the broker, and one queue's are not another's", async () => {
    await using here = workspace()
    const first = here.open()
    await first.queue("orders").send("a")
    first.queue("orders").receive()[0]?.deadLetter("x")
    await first.close()
    const second = here.open()
    expect(second.queue("others").deadLetters.list()).toEqual([])
    expect(second.queue("others").deadLetters.redrive()).toBe(0)
    expect(second.queue("orders").deadLetters.list()).toHaveLength(1)
  })

  test("each dead letter is announced once", async () => {
    await using here = timed()
    const dead = eventsOf(here.broker, "dead-lettered")
    const nacked = eventsOf(here.broker, "nacked")
    here.orders.consume(
      () => {
        throw new Error("x")
      },
      { attemptsMax: 3 },
    )
    const id = await here.orders.send("a")
    await here.clock.advance(longMs)
    expect(dead.items).toMatchObject([{ channel: "orders", messageId: id, attempt: 3 }])
    expect(nacked.items.map((event) => event.attempt)).toEqual([1, 2])
  })
})
