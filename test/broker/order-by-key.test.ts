import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { nothing, queueCounts } from "./support/counts.ts"
import { keyed } from "./support/keyed.ts"
import { bodiesOf } from "./support/received.ts"
import { timedBroker } from "./support/timed.ts"
import { eventsOf, gate, recording } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

/** Longer than all retries of a message take together. */
const longMs = 60_000

function timed(random?: () => number) {
  const here = timedBroker(random && { random })
  return { ...here, orders: here.broker.queue<string>("orders", { orderByKey: true }) }
}

describe("a queue with orderByKey", () => {
  test("handles one key's messages one at a time in send order, and different keys side by side", async () => {
    await using here = timed()
    const started = recording<string>()
    const gates = new Map<string, ReturnType<typeof gate>>()
    here.orders.consume(
      (message) => {
        started.add(message.body)
        gates.set(message.body, gate())
        return gates.get(message.body)?.opened
      },
      { concurrency: 10 },
    )
    await here.orders.sendMany(keyed("A1", "A2", "B1", "A3", "C1", "B2"))
    await here.clock.settle()
    expect(started.items).toEqual(["A1", "B1", "C1"])
    gates.get("B1")?.open()
    await here.clock.settle()
    expect(started.items).toEqual(["A1", "B1", "C1", "B2"])
    gates.get("A1")?.open()
    await here.clock.settle()
    expect(started.items).toEqual(["A1", "B1", "C1", "B2", "A2"])
    for (const body of ["C1", "B2", "A2"]) gates.get(body)?.open()
    await here.clock.settle()
    expect(started.items.at(-1)).toBe("A3")
    gates.get("A3")?.open()
  })

  test("one key is with one of the competing consumers at a time, on whatever connection they are", async () => {
    await using here = workspace()
    const brokers = [here.open(), here.open(), here.open()]
    const running = new Map<string, number>()
    const handled = recording<string>()
    const acked = eventsOf(brokers, "acked")
    for (const broker of brokers) {
      broker.queue<string>("orders", { orderByKey: true }).consume(
        async (message) => {
          const key = message.key as string
          running.set(key, (running.get(key) ?? 0) + 1)
          if (running.get(key) !== 1) handled.add(`two at once for ${key}`)
          await new Promise((resolve) => setImmediate(resolve))
          handled.add(message.body)
          running.set(key, (running.get(key) ?? 0) - 1)
        },
        { concurrency: 4 },
      )
    }
    const sent = Array.from({ length: 200 }, (_, number) => `${"ABCDE".charAt(number % 5)}${number}`)
    await brokers[0]?.queue<string>("orders", { orderByKey: true }).sendMany(keyed(...sent))
    await acked.reaches(200)
    for (const key of "ABCDE") {
      expect(handled.items.filter((body) => body.startsWith(key))).toEqual(sent.filter((body) => body.startsWith(key)))
    }
    expect(handled.items).toHaveLength(200)
  })

  test("receive() gives at most one message of a key, and the next only when it is settled", async () => {
    await using here = timed()
    await here.orders.sendMany(keyed("A1", "A2", "B1", "B2"))
    const first = here.orders.receive({ max: 10 })
    expect(bodiesOf(first)).toEqual(["A1", "B1"])
    expect(here.orders.receive({ max: 10 })).toEqual([])
    first[1]?.ack()
    expect(bodiesOf(here.orders.receive({ max: 10 }))).toEqual(["B2"])
    first[0]?.deadLetter("wrong")
    expect(bodiesOf(here.orders.receive({ max: 10 }))).toEqual(["A2"])
  })

  test("a failing message holds back its own key through its retries, and no other", async () => {
    await using here = timed()
    const handled = recording<string>()
    here.orders.consume(
      (message) => {
        handled.add(`${message.body}.${message.attempt}`)
        if (message.body === "A1" && message.attempt < 3) throw new Error("not yet")
      },
      { concurrency: 2 },
    )
    await here.orders.sendMany(keyed("A1", "A2", "B1", "B2"))
    await here.clock.settle()
    expect(handled.items).toEqual(["A1.1", "B1.1", "B2.1"])
    await here.clock.advance(longMs)
    expect(handled.items.slice(3)).toEqual(["A1.2", "A1.3", "A2.1"])
  })

  test("a dead letter lets the rest of its key go on", async () => {
    await using here = timed()
    const handled = recording<string>()
    here.orders.consume(
      (message) => {
        handled.add(message.body)
        if (message.body === "A1") throw new Error("never")
      },
      { attemptsMax: 2 },
    )
    await here.orders.sendMany(keyed("A1", "A2", "A3"))
    await here.clock.advance(longMs)
    expect(handled.items).toEqual(["A1", "A1", "A2", "A3"])
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, dead: 1 })
  })

  test("a lease that ended gives the same message out again before its successor", async () => {
    await using here = timed()
    await here.orders.sendMany(keyed("A1", "A2"))
    const [late] = here.orders.receive({ max: 10, leaseMs: 1_000 })
    await here.clock.advance(1_000)
    const again = here.orders.receive({ max: 10, leaseMs: 1_000 })
    expect(again.map(({ body, attempt }) => ({ body, attempt }))).toEqual([{ body: "A1", attempt: 2 }])
    expect(() => late?.ack()).toThrow()
    expect(here.orders.receive({ max: 10 })).toEqual([])
    again[0]?.ack()
    expect(bodiesOf(here.orders.receive({ max: 10 }))).toEqual(["A2"])
  })

  test("a delayed message holds its successors back: send order is the order", async () => {
    await using here = timed()
    await here.orders.send("A1", { key: "A", delayMs: 5_000 })
    await here.orders.send("A2", { key: "A" })
    await here.orders.send("B1", { key: "B" })
    expect(bodiesOf(here.orders.receive({ max: 10 }))).toEqual(["B1"])
    await here.clock.advance(5_000)
    const [first] = here.orders.receive({ max: 10 })
    expect(first?.body).toBe("A1")
    first?.ack()
    expect(bodiesOf(here.orders.receive({ max: 10 }))).toEqual(["A2"])
  })

  test("messages without a key are bound to nothing", async () => {
    await using here = timed()
    await here.orders.sendMany(["x", "y", "z"])
    expect(bodiesOf(here.orders.receive({ max: 10 }))).toEqual(["x", "y", "z"])
  })

  test("a long backlog of one blocked key starves nobody", async () => {
    await using here = timed()
    await here.orders.sendMany(Array.from({ length: 5_000 }, (_, number): [string, { key: string }] => [`A${number}`, { key: "A" }]))
    await here.orders.sendMany(keyed("B1", "C1"))
    expect(bodiesOf(here.orders.receive({ max: 3 }))).toEqual(["A0", "B1", "C1"])
  })

  test("a redriven dead letter goes behind what its key has waiting, and keeps to one at a time", async () => {
    await using here = timed()
    await here.orders.sendMany(keyed("A1", "A2", "A3"))
    here.orders.receive({ max: 10 })[0]?.deadLetter("x")
    const [second] = here.orders.receive({ max: 10 })
    expect(here.orders.deadLetters.redrive()).toBe(1)
    expect(here.orders.receive({ max: 10 })).toEqual([])
    second?.ack()
    const rest: string[] = []
    for (let [next] = here.orders.receive({ max: 10 }); next; [next] = here.orders.receive({ max: 10 })) {
      rest.push(next.body)
      next.ack()
    }
    expect(rest).toEqual(["A3", "A1"])
  })

  test("the order outlives the broker", async () => {
    await using here = workspace()
    const first = here.open()
    await first.queue<string>("orders", { orderByKey: true }).sendMany(keyed("A1", "A2", "B1"))
    await first.close()
    const orders = here.open().queue<string>("orders", { orderByKey: true })
    expect(bodiesOf(orders.receive({ max: 10 }))).toEqual(["A1", "B1"])
  })

  test("a queue that holds messages in another order is refused, not reordered in silence", async () => {
    await using here = workspace()
    const broker = here.open()
    await broker.queue("orders", { orderByKey: true }).send("a", { key: "k" })
    await broker.queue("plain").send("a", { key: "k" })
    const other = here.open()
    expect(() => other.queue("orders", { orderByKey: false })).toThrow(/orderByKey/)
    expect(() => other.queue("plain", { orderByKey: true })).toThrow(/orderByKey/)
  })

  test("in any mix of keys, failures and slow handlers each key takes effect in send order", async () => {
    type Step = "fail" | "slow" | "ok"
    const message = fc.record({
      key: fc.constantFrom("A", "B", "C"),
      steps: fc.array(fc.constantFrom<Step>("fail", "slow", "ok"), { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), async (messages, concurrency) => {
        await using here = timed(() => 0.5)
        const effects: string[] = []
        const running = new Set<string>()
        here.orders.consume(
          async (received) => {
            const key = received.key as string
            const step = messages[Number(received.body)]?.steps[received.attempt - 1] ?? "ok"
            if (running.has(key)) effects.push(`two at once for ${key}`)
            running.add(key)
            if (step === "slow") await here.clock.sleep(1_500)
            running.delete(key)
            if (step === "fail") throw new Error("failed")
            effects.push(received.body)
          },
          { concurrency, leaseMs: 1_000 },
        )
        await here.orders.sendMany(messages.map(({ key }, index): [string, { key: string }] => [String(index), { key }]))
        await here.clock.runUntil(() => effects.length >= messages.length)
        await here.clock.settle()
        for (const key of ["A", "B", "C"]) {
          const sent = messages.flatMap((sentMessage, index) => (sentMessage.key === key ? [String(index)] : []))
          expect(effects.filter((body) => messages[Number(body)]?.key === key)).toEqual(sent)
        }
        expect(effects).toHaveLength(messages.length)
        expect(queueCounts(here.broker, "orders")).toEqual(nothing)
      }),
      { numRuns: 30 },
    )
  })
})
