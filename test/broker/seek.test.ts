import { describe, expect, test } from "vitest"
import { groupState } from "./support/counts.ts"
import { keyed, keyOfEach } from "./support/keyed.ts"
import { timedBroker } from "./support/timed.ts"
import { eventsOf, gate, refusal } from "./support/waiting.ts"

/** Longer than all retries of a message take together. */
const longMs = 60_000

function timed(partitions = 1) {
  const here = timedBroker({ random: () => 0.5 })
  return { ...here, orders: here.broker.partitioned<string>("orders", { partitions }) }
}

async function seenBy(here: ReturnType<typeof timed>, group: string): Promise<string[]> {
  const seen: string[] = []
  const consumer = here.orders.consume(group, (message) => seen.push(message.body))
  await here.clock.advance(10_000)
  await consumer.stop()
  return seen
}

describe("seek() of a group", () => {
  test("to earliest repeats everything, to latest skips what is there", async () => {
    await using here = timed(2)
    await here.orders.sendMany(keyed("A1", "A2"))
    expect(await seenBy(here, "kitchen")).toEqual(["A1", "A2"])
    here.orders.seek("kitchen", "earliest")
    expect(groupState(here.broker, "orders", "kitchen").lag).toBe(2)
    expect(await seenBy(here, "kitchen")).toEqual(["A1", "A2"])
    await here.orders.send("A3", { key: "A" })
    here.orders.seek("kitchen", "latest")
    expect(await seenBy(here, "kitchen")).toEqual([])
  })

  test("to a time begins with the first message sent then or later", async () => {
    await using here = timed()
    for (const body of ["A1", "A2", "A3"]) {
      await here.orders.send(body, { key: "A" })
      await here.clock.advance(1_000)
    }
    const now = here.clock.now()
    for (const [sentAt, expected] of [
      [now - 3_000, ["A1", "A2", "A3"]],
      [now - 2_999, ["A2", "A3"]],
      [now - 1_000, ["A3"]],
      [now, []],
      [0, ["A1", "A2", "A3"]],
    ] as [number, string[]][]) {
      here.orders.seek("kitchen", { sentAt })
      const { committed, end } = groupState(here.broker, "orders", "kitchen").partitions[0] ?? { committed: -1, end: 0 }
      expect(end - committed).toBe(expected.length)
    }
    expect(await seenBy(here, "kitchen")).toEqual(["A1", "A2", "A3"])
  })

  test("to offsets moves the partitions that are named and no other", async () => {
    await using here = timed(2)
    const [first, second] = keyOfEach(here.orders) as [string, string]
    for (const number of [1, 2, 3]) {
      await here.orders.sendMany([first, second].map((key) => [`${key}.${number}`, { key }]))
    }
    await seenBy(here, "kitchen")
    here.orders.seek("kitchen", { offsets: { 1: 1 } })
    expect(await seenBy(here, "kitchen")).toEqual([`${second}.2`, `${second}.3`])
  })

  test("refuses a place that does not exist and moves nothing", async () => {
    await using here = timed(2)
    await here.orders.sendMany(keyed("A1", "A2"))
    await seenBy(here, "kitchen")
    for (const offsets of [{ 2: 0 }, { 0: -1 }, { 0: 0.5 }, { 0: 99 }, { 0: 0, 1: 99 }]) {
      expect((await refusal(() => here.orders.seek("kitchen", { offsets }))).constructor).toBe(RangeError)
    }
    expect(groupState(here.broker, "orders", "kitchen").lag).toBe(0)
  })

  test("under a running consumer: it goes on from there, and what it still had in hand commits nothing", async () => {
    await using here = timed()
    const handled: string[] = []
    let blocking = gate()
    here.orders.consume("kitchen", (message) => {
      handled.push(message.body)
      return message.body === "A2" && handled.length === 2 ? blocking.opened : undefined
    })
    await here.orders.sendMany(keyed("A1", "A2", "A3"))
    await here.clock.advance(1_000)
    expect(handled).toEqual(["A1", "A2"])
    here.orders.seek("kitchen", "earliest")
    blocking.open()
    blocking = gate()
    await here.clock.advance(longMs)
    expect(handled).toEqual(["A1", "A2", "A1", "A2", "A3"])
    expect(groupState(here.broker, "orders", "kitchen").lag).toBe(0)
  })

  test("makes a handler that began before it commit nothing, also while the same message is handled again", async () => {
    await using here = timed()
    const lost = eventsOf(here.broker, "lease-lost")
    const started: string[] = []
    const gates = [gate(), gate()]
    here.orders.consume(
      "kitchen",
      (message) => {
        started.push(message.body)
        return message.body === "A1" ? gates[started.length - 1]?.opened : undefined
      },
      { concurrency: 3 },
    )
    await here.orders.sendMany(keyed("A1", "A2"))
    await here.clock.advance(100)
    here.orders.seek("kitchen", "earliest")
    await here.clock.advance(100)
    expect(started).toEqual(["A1", "A1"])
    gates[0]?.open()
    await here.clock.advance(100)
    expect(lost.items).toHaveLength(1)
    expect(started).toEqual(["A1", "A1"])
    expect(groupState(here.broker, "orders", "kitchen").lag).toBe(2)
    gates[1]?.open()
    await here.clock.advance(100)
    expect(started).toEqual(["A1", "A1", "A2"])
    expect(groupState(here.broker, "orders", "kitchen").lag).toBe(0)
  })
})
