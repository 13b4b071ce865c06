import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Broker, ChannelOptions } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { nothing, queueCounts } from "./support/counts.ts"
import { bodiesOf } from "./support/received.ts"
import { timedBroker } from "./support/timed.ts"
import { eventsOf } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

const windowDefaultMs = 300_000

interface Way {
  send(broker: Broker, body: string, id: string, options?: ChannelOptions<string>): Promise<string>
  /** Bodies that have been stored and not been handled. */
  waiting(broker: Broker): number
}

const ways: Record<string, Way> = {
  "a queue": {
    send: (broker, body, id, options) => broker.queue("c", options).send(body, { id }),
    waiting: (broker) => queueCounts(broker, "c").ready,
  },
  "an ordered queue": {
    send: (broker, body, id, options) => broker.queue("c", { ...options, orderByKey: true }).send(body, { id, key: "k" }),
    waiting: (broker) => queueCounts(broker, "c").ready,
  },
  "a topic": {
    send: (broker, body, id, options) => {
      broker.topic("c", options).createSubscription("s")
      return broker.topic("c", options).publish(body, { id })
    },
    waiting: (broker) => broker.inspect().topics[0]?.subscriptions[0]?.ready ?? 0,
  },
  "a partitioned channel": {
    send: (broker, body, id, options) => {
      const channel = broker.partitioned("c", { partitions: 1, ...options })
      channel.seek("g", "earliest")
      return channel.send(body, { id, key: "k" })
    },
    waiting: (broker) => broker.inspect().partitioned[0]?.groups[0]?.lag ?? 0,
  },
}

for (const [kind, way] of Object.entries(ways)) {
  describe(`a second message of one id to ${kind}`, () => {
    test("is accepted and dropped for five minutes, then it is a new message", async () => {
      await using here = timedBroker()
      expect(await way.send(here.broker, "a", "1")).toBe("1")
      await here.clock.advance(windowDefaultMs - 1)
      expect(await way.send(here.broker, "b", "1")).toBe("1")
      expect(way.waiting(here.broker)).toBe(1)
      await here.clock.advance(1)
      await way.send(here.broker, "c", "1")
      expect(way.waiting(here.broker)).toBe(2)
    })

    test("is dropped for as long as deduplicationMs says, and not at all with 0", async () => {
      await using here = timedBroker()
      const options = { deduplicationMs: 1_000 }
      await way.send(here.broker, "a", "1", options)
      await here.clock.advance(999)
      await way.send(here.broker, "b", "1", options)
      expect(way.waiting(here.broker)).toBe(1)
      await here.clock.advance(1)
      await way.send(here.broker, "c", "1", options)
      expect(way.waiting(here.broker)).toBe(2)

      await using without = timedBroker()
      for (const body of ["a", "b"]) await way.send(without.broker, body, "1", { deduplicationMs: 0 })
      expect(way.waiting(without.broker)).toBe(2)
    })

    test("is dropped when both are sent in one turn", async () => {
      await using here = timedBroker()
      await Promise.all(["a", "b", "c"].map((body) => way.send(here.broker, body, "1")))
      expect(way.waiting(here.broker)).toBe(1)
    })

    test("is dropped whoever sends it, also after a restart", async () => {
      await using here = workspace()
      const clock = virtualClock()
      const [one, other] = [here.open({ clock }), here.open({ clock })]
      await way.send(one, "a", "1")
      await way.send(other, "b", "1")
      await one.close()
      await other.close()
      const later = here.open({ clock })
      await way.send(later, "c", "1")
      expect(way.waiting(later)).toBe(1)
    })
  })
}

describe("deduplication", () => {
  test("knows an id also after its message was handled, dead-lettered or discarded", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("c")
    await queue.sendMany([
      ["a", { id: "1" }],
      ["b", { id: "2" }],
    ])
    const [first, second] = queue.receive({ max: 2 })
    first?.ack()
    second?.deadLetter()
    queue.deadLetters.discard()
    await queue.sendMany([
      ["a", { id: "1" }],
      ["b", { id: "2" }],
    ])
    expect(queueCounts(here.broker, "c")).toEqual(nothing)
  })

  test("drops doubles within one sendMany() and keeps the first", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue<string>("c")
    const ids = await queue.sendMany([["a", { id: "1" }], "x", ["b", { id: "1" }]])
    expect([ids[0], ids[2]]).toEqual(["1", "1"])
    expect(bodiesOf(queue.receive({ max: 10 }))).toEqual(["a", "x"])
  })

  test("is each channel's own", async () => {
    await using here = timedBroker()
    await here.broker.queue("c").send("a", { id: "1" })
    await here.broker.queue("d").send("b", { id: "1" })
    expect(queueCounts(here.broker, "d").ready).toBe(1)
  })

  test("forgets an id whose transaction was taken back", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("c")
    expect(() =>
      here.broker.transaction(() => {
        queue.send("a", { id: "1" })
        throw new Error("back")
      }),
    ).toThrow("back")
    await queue.send("b", { id: "1" })
    expect(bodiesOf(queue.receive({ max: 10 }))).toEqual(["b"])
  })

  test("does not stop a redrive", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("c")
    await queue.send("a", { id: "1" })
    queue.receive()[0]?.deadLetter()
    expect(queue.deadLetters.redrive()).toBe(1)
    expect(queue.receive()[0]?.id).toBe("1")
  })

  test("announces no second send", async () => {
    await using here = timedBroker()
    const sent = eventsOf(here.broker, "sent")
    for (const body of ["a", "b"]) await here.broker.queue("c").send(body, { id: "1" })
    await here.clock.settle()
    expect(sent.items).toHaveLength(1)
  })

  test("needs no more room than its window holds", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("c", { deduplicationMs: 1_000 })
    const rowsAfter: number[] = []
    for (let round = 0; round < 40; round++) {
      await queue.sendMany(Array.from({ length: 50 }, (_, number): [string, { id: string }] => ["x", { id: `${round}-${number}` }]))
      for (const delivery of queue.receive({ max: 50 })) delivery.ack()
      await here.clock.advance(1_000)
      const { database } = here.broker
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
      rowsAfter.push(
        tables.reduce<number>((sum, table) => sum + Number(database.prepare(`SELECT count(*) FROM "${table}"`).pluck().get()), 0),
      )
    }
    expect(Math.max(...rowsAfter)).toBeLessThan(1_000)
  })

  test("in any sequence of ids and waits accepts exactly the messages that no window covers", async () => {
    const step = fc.record({ id: fc.constantFrom("1", "2", "3"), waitMs: fc.integer({ min: 0, max: 150 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        await using here = timedBroker()
        const queue = here.broker.queue<number>("c", { deduplicationMs: 100 })
        const until = new Map<string, number>()
        const expected: number[] = []
        for (const [index, { id, waitMs }] of steps.entries()) {
          await here.clock.advance(waitMs)
          if (here.clock.now() >= (until.get(id) ?? 0)) {
            expected.push(index)
            until.set(id, here.clock.now() + 100)
          }
          await queue.send(index, { id })
        }
        expect(bodiesOf(queue.receive({ max: 100 }))).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })
})
