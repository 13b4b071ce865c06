import { statSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { virtualClock } from "#waystation/testing"
import { groupState } from "./support/counts.ts"
import { timedBroker } from "./support/timed.ts"
import { gate } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

describe("inspect()", () => {
  test("of a new broker shows no channels", async () => {
    await using here = timedBroker()
    expect(here.broker.inspect()).toMatchObject({ queues: [], topics: [], partitioned: [] })
  })

  test("shows where a queue's messages are and how long the oldest has waited", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("orders")
    await queue.sendMany(["a", "b", "c", "d"])
    const [first] = queue.receive({ max: 2 })
    first?.deadLetter("x")
    await here.clock.advance(2_500)
    await queue.send("late", { delayMs: 60_000 })
    const [shown] = here.broker.inspect().queues
    expect(shown).toEqual({ name: "orders", ready: 2, delayed: 1, inFlight: 1, dead: 1, oldestAgeMs: 2_500 })
  })

  test("counts a message whose delay or lease is over as ready, also with nobody there to take it", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("orders")
    await queue.send("delayed", { delayMs: 1_000 })
    await queue.send("leased")
    queue.receive({ leaseMs: 1_000 })
    expect(here.broker.inspect().queues[0]).toMatchObject({ ready: 0, delayed: 1, inFlight: 1 })
    await here.clock.advance(1_000)
    expect(here.broker.inspect().queues[0]).toMatchObject({ ready: 2, delayed: 0, inFlight: 0 })
  })

  test("counts the waiting messages of a blocked key, although nobody can have them yet", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("orders", { orderByKey: true })
    await queue.sendMany(["a", "b", "c"].map((body): [string, { key: string }] => [body, { key: "k" }]))
    queue.receive({ max: 10 })
    const shown = here.broker.inspect().queues[0]
    expect(shown?.inFlight).toBe(1)
    expect((shown?.ready ?? 0) + (shown?.delayed ?? 0)).toBe(2)
  })

  test("shows each subscription of a topic by itself", async () => {
    await using here = timedBroker()
    const topic = here.broker.topic("prices")
    topic.createSubscription("audit")
    await topic.publish("a")
    topic.createSubscription("billing")
    await topic.publish("b")
    const [shown] = here.broker.inspect().topics
    expect(shown?.name).toBe("prices")
    const counts = Object.fromEntries(shown?.subscriptions.map(({ name, ready }) => [name, ready]) ?? [])
    expect(counts).toEqual({ audit: 2, billing: 1 })
  })

  test("shows a group's place in every partition, its lag, its members and owners", async () => {
    await using here = timedBroker()
    const channel = here.broker.partitioned<number>("log", { partitions: 2 })
    await channel.sendMany(Array.from({ length: 10 }, (_, number): [number, { key: string }] => [number, { key: `k${number}` }]))
    const finish = gate()
    const consumer = channel.consume("g", (message) => (message.body >= 5 ? finish.opened : undefined))
    await here.clock.advance(1_000)
    const group = groupState(here.broker, "log", "g")
    expect(group.members).toBe(1)
    expect(group.partitions.map(({ partition }) => partition)).toEqual([0, 1])
    expect(group.partitions.reduce((sum, { end }) => sum + end, 0)).toBe(10)
    expect(group.lag).toBe(group.partitions.reduce((sum, { committed, end }) => sum + end - committed, 0))
    expect(group.lag).toBeGreaterThan(0)
    expect(new Set(group.partitions.map(({ owner }) => owner)).size).toBe(1)
    expect(typeof group.partitions[0]?.owner).toBe("string")
    const stopped = consumer.stop()
    finish.open()
    await stopped
    expect(groupState(here.broker, "log", "g")).toMatchObject({ members: 0 })
  })

  test("is plain JSON", async () => {
    await using here = timedBroker()
    await here.broker.queue("orders").send("a")
    here.broker.topic("prices").createSubscription("audit")
    here.broker.partitioned("log", { partitions: 2 }).consume("g", () => {})
    await here.clock.advance(1_000)
    const snapshot = here.broker.inspect()
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  })

  test("shows what other connections have done, and takes nothing", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const [one, other] = [here.open({ clock }), here.open({ clock })]
    await one.queue("orders").send("a")
    expect(other.inspect().queues).toMatchObject([{ name: "orders", ready: 1 }])
    expect(other.inspect()).toEqual(one.inspect())
  })

  test("tells the size of the file and of its log", async () => {
    await using here = workspace()
    const broker = here.open()
    const before = broker.inspect()
    await broker.queue("orders").sendMany(Array.from({ length: 100 }, () => "x".repeat(10_000)))
    const after = broker.inspect()
    expect(after.walBytes).toBe(statSync(`${here.path()}-wal`).size)
    expect(after.walBytes).toBeGreaterThan(before.walBytes)
    broker.database.pragma("wal_checkpoint(TRUNCATE)")
    expect(broker.inspect()).toMatchObject({ fileBytes: statSync(here.path()).size, walBytes: 0 })
  })
})
