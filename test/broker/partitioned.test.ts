import { describe, expect, test } from "vitest"
import type { Delivery, Message } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { groupState } from "./support/counts.ts"
import { keyed, keyOfEach } from "./support/keyed.ts"
import { timedBroker } from "./support/timed.ts"
import { gate, recording, refusal } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

/** Longer than all retries of a message take together. */
const longMs = 60_000

function timed(partitions = 1) {
  const here = timedBroker({ random: () => 0.5 })
  return { ...here, orders: here.broker.partitioned<string>("orders", { partitions }) }
}

async function seenBy(here: ReturnType<typeof timed>, group: string, options?: { from: "earliest" | "latest" }): Promise<string[]> {
  const seen: string[] = []
  const consumer = here.orders.consume(group, (message) => seen.push(message.body), options)
  await here.clock.advance(10_000)
  await consumer.stop()
  return seen
}

describe("a partitioned channel", () => {
  test("keeps a key's messages in one partition, with offsets that count from 0 there", async () => {
    await using here = timed(3)
    const keys = keyOfEach(here.orders)
    const seen: Message<string>[] = []
    here.orders.consume("kitchen", (message) => seen.push({ ...message }))
    for (let round = 0; round < 3; round++) await here.orders.sendMany(keys.map((key) => [`${key} ${round}`, { key }]))
    await here.clock.advance(10_000)
    expect(seen).toHaveLength(9)
    for (const [partition, key] of keys.entries()) {
      const there = seen.filter((message) => message.key === key)
      expect(there.map((message) => message.partition)).toEqual([partition, partition, partition])
      expect(there.map((message) => message.offset)).toEqual([0, 1, 2])
      expect(there.map((message) => message.body)).toEqual([0, 1, 2].map((round) => `${key} ${round}`))
    }
    expect(seen[0]).toMatchObject({ channel: "orders", attempt: 1, headers: {}, sentAt: expect.any(Number) })
  })

  test("gives every group all messages, and each group its own place", async () => {
    await using here = timed(2)
    await here.orders.sendMany(keyed("A1", "B1", "A2"))
    expect((await seenBy(here, "kitchen")).sort()).toEqual(["A1", "A2", "B1"])
    await here.orders.send("C1", { key: "C" })
    expect((await seenBy(here, "billing")).sort()).toEqual(["A1", "A2", "B1", "C1"])
    expect(await seenBy(here, "kitchen")).toEqual(["C1"])
  })

  test("starts a new group at the earliest message, or at the latest when asked; a known group goes on where it was", async () => {
    await using here = timed()
    await here.orders.sendMany(keyed("A1", "A2"))
    expect(await seenBy(here, "early")).toEqual(["A1", "A2"])
    expect(await seenBy(here, "late", { from: "latest" })).toEqual([])
    await here.orders.send("A3", { key: "A" })
    expect(await seenBy(here, "late", { from: "earliest" })).toEqual(["A3"])
    await here.orders.send("A4", { key: "A" })
    expect(await seenBy(here, "early", { from: "latest" })).toEqual(["A3", "A4"])
  })

  test("remembers a group's place over a restart", async () => {
    await using here = workspace()
    const clock = virtualClock()
    for (const expected of [["A1", "A2"], ["A3"]]) {
      const broker = here.open({ clock })
      const orders = broker.partitioned<string>("orders", { partitions: 2 })
      await orders.sendMany(keyed(...expected))
      const seen = recording<string>()
      orders.consume("kitchen", (message) => seen.add(message.body))
      await clock.advance(1_000)
      expect(seen.items).toEqual(expected)
      await broker.close()
    }
  })

  test("does not move a group's place before the handler is done", async () => {
    await using here = timed()
    const finish = gate()
    here.orders.consume("kitchen", () => finish.opened)
    await here.orders.send("A1", { key: "A" })
    await here.clock.advance(1_000)
    expect(groupState(here.broker, "orders", "kitchen")).toMatchObject({ lag: 1, partitions: [{ committed: 0, end: 1 }] })
    finish.open()
    await here.clock.advance(1_000)
    expect(groupState(here.broker, "orders", "kitchen")).toMatchObject({ lag: 0, partitions: [{ committed: 1, end: 1 }] })
  })

  test("handles keys of one partition side by side up to the concurrency, and each key in order", async () => {
    await using here = timed()
    const started = recording<string>()
    const gates = new Map<string, ReturnType<typeof gate>>()
    const consumer = here.orders.consume(
      "kitchen",
      (message) => {
        started.add(message.body)
        gates.set(message.body, gate())
        return gates.get(message.body)?.opened
      },
      { concurrency: 2 },
    )
    await here.orders.sendMany(keyed("A1", "A2", "B1", "C1", "B2"))
    await here.clock.advance(1_000)
    expect(started.items).toEqual(["A1", "B1"])
    expect(consumer.inFlight).toBe(2)
    gates.get("B1")?.open()
    await here.clock.advance(1_000)
    expect(started.items).toEqual(["A1", "B1", "C1"])
    gates.get("A1")?.open()
    gates.get("C1")?.open()
    await here.clock.advance(1_000)
    expect(started.items.slice(3)).toEqual(["A2", "B2"])
    for (const body of ["A2", "B2"]) gates.get(body)?.open()
  })

  test("lets a failing key hold back only itself, until it succeeds", async () => {
    await using here = timed()
    const handled: string[] = []
    here.orders.consume("kitchen", (message) => {
      if (message.body === "A1" && message.attempt < 3) throw new Error("not yet")
      handled.push(`${message.body}.${message.attempt}`)
    })
    await here.orders.sendMany(keyed("A1", "B1", "A2", "B2", "C1"))
    await here.clock.advance(20)
    expect(handled).toEqual(["B1.1", "B2.1", "C1.1"])
    await here.clock.advance(longMs)
    expect(handled.slice(3)).toEqual(["A1.3", "A2.1"])
    expect(groupState(here.broker, "orders", "kitchen").lag).toBe(0)
  })

  test("lets a failing key go on when its message is a dead letter of that group", async () => {
    await using here = timed()
    const handled: string[] = []
    const handler = (message: Message<string>) => {
      handled.push(message.body)
      if (message.body === "A1") throw new Error("never")
    }
    here.orders.consume("kitchen", handler, { attemptsMax: 3 })
    const [id] = await here.orders.sendMany(keyed("A1", "A2", "B1"))
    await here.clock.advance(longMs)
    expect(handled).toEqual(["A1", "B1", "A1", "A1", "A2"])
    expect(here.orders.deadLetters("kitchen").list()).toMatchObject([{ id, body: "A1", key: "A", partition: 0, offset: 0, attempt: 3 }])
    expect(groupState(here.broker, "orders", "kitchen")).toMatchObject({ lag: 0, dead: 1 })
    expect(await seenBy(here, "billing")).toEqual(["A1", "A2", "B1"])
  })

  test("takes a retry from a member that stands still, however long its lease, and refuses its late acknowledgement", async () => {
    await using here = workspace()
    const [standing, running] = [virtualClock(), virtualClock()]
    const orders = [standing, running].map((clock) => here.open({ clock }).partitioned<string>("orders", { partitions: 1 }))
    let late: Delivery<string> | undefined
    orders[0]?.consume("kitchen", (message, delivery) => {
      if (message.attempt === 1) throw new Error("not yet")
      delivery.extend(10 * longMs)
      late = delivery
      return gate().opened
    })
    await orders[0]?.sendMany(keyed("A1", "A2"))
    await standing.runUntil(() => late !== undefined)

    const handled: string[] = []
    orders[1]?.consume("kitchen", (message) => handled.push(`${message.body}.${message.attempt}`))
    await running.advanceTo(standing.now() + 2 * longMs)
    expect(handled).toEqual(["A1.3", "A2.1"])
    expect((await refusal(() => late?.ack())).name).toBe("LeaseLostError")
  })

  test("gives a redriven dead letter again to its own group alone", async () => {
    await using here = timed()
    const handled: string[] = []
    let healthy = false
    here.orders.consume(
      "kitchen",
      (message) => {
        if (!healthy) throw new Error("down")
        handled.push(`${message.body}.${message.attempt}`)
      },
      { attemptsMax: 1 },
    )
    await here.orders.sendMany(keyed("A1", "B1"))
    await seenBy(here, "billing")
    healthy = true
    expect(here.orders.deadLetters("kitchen").redrive()).toBe(2)
    await here.clock.advance(longMs)
    expect(handled.sort()).toEqual(["A1.1", "B1.1"])
    expect(await seenBy(here, "billing")).toEqual([])
    expect(here.orders.deadLetters("kitchen").list()).toEqual([])
  })

  test("sends many of one call all or nothing, each with a key", async () => {
    await using here = timed()
    const error = await refusal(async () =>
      here.orders.sendMany([
        ["a", { key: "A" }],
        ["b", {} as { key: string }],
      ]),
    )
    expect(error.message).toMatch(/key/)
    await here.orders.send("c", { key: "A" })
    expect(await seenBy(here, "kitchen")).toEqual(["c"])
  })
})
