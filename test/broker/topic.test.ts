import { describe, expect, test } from "vitest"
import type { Message } from "#waystation"
import { nothing, subscriptionCounts } from "./support/counts.ts"
import { timedBroker } from "./support/timed.ts"
import { eventsOf, recording, refusal } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

function timed() {
  const here = timedBroker()
  return { ...here, prices: here.broker.topic<string>("prices") }
}

describe("publishing", () => {
  test("every subscription gets its own copy of every message, in order", async () => {
    await using here = timed()
    const seen: Record<string, string[]> = { billing: [], kitchen: [], audit: [] }
    for (const name of Object.keys(seen)) here.prices.subscribe(name, (message) => seen[name]?.push(message.body))
    await here.prices.publish("a")
    await here.prices.publishMany(["b", ["c", { key: "k" }]])
    await here.clock.settle()
    expect(seen).toEqual({ billing: ["a", "b", "c"], kitchen: ["a", "b", "c"], audit: ["a", "b", "c"] })
  })

  test("a message arrives with all that was published", async () => {
    await using here = timed()
    const arrived = recording<Message<string>>()
    here.prices.subscribe("billing", (message) => arrived.add({ ...message }))
    const id = await here.prices.publish("a", { id: "price-1", key: "k", headers: { h: "v" } })
    await here.clock.settle()
    expect(id).toBe("price-1")
    expect(arrived.items).toMatchObject([
      { id: "price-1", channel: "prices", body: "a", key: "k", headers: { h: "v" }, attempt: 1, sentAt: here.clock.now() },
    ])
  })

  test("with no subscription it resolves, and nobody ever gets the message", async () => {
    await using here = timed()
    expect(typeof (await here.prices.publish("to nobody"))).toBe("string")
    const seen = recording<string>()
    here.prices.subscribe("late", (message) => seen.add(message.body))
    await here.prices.publish("to somebody")
    await here.clock.settle()
    expect(seen.items).toEqual(["to somebody"])
  })

  test("publishMany() publishes all or nothing", async () => {
    await using here = timed()
    here.prices.createSubscription("billing")
    await refusal(async () => here.prices.publishMany(["a", ["b", { delayMs: -1 }]]))
    expect(subscriptionCounts(here.broker, "prices", "billing")).toEqual(nothing)
  })

  test("a delay holds for every subscription", async () => {
    await using here = timed()
    const seen = recording<string>()
    here.prices.subscribe("billing", () => seen.add("billing"))
    here.prices.subscribe("audit", () => seen.add("audit"))
    await here.prices.publish("a", { delayMs: 1_000 })
    await here.clock.advance(999)
    expect(seen.items).toEqual([])
    expect(subscriptionCounts(here.broker, "prices", "audit")).toEqual({ ...nothing, delayed: 1 })
    await here.clock.advance(1)
    expect(seen.items.sort()).toEqual(["audit", "billing"])
  })
})

describe("a subscription", () => {
  test("is durable from createSubscription() on, also with nobody listening and over a restart", async () => {
    await using here = workspace()
    const first = here.open()
    first.topic("prices").createSubscription("billing")
    await first.topic("prices").publish("a")
    await first.close()
    const second = here.open()
    await second.topic("prices").publish("b")
    const seen = recording<unknown>()
    second.topic("prices").subscribe("billing", (message) => seen.add(message.body))
    expect(await seen.reaches(2)).toEqual(["a", "b"])
  })

  test("is durable from subscribe() on: what is published while its consumer is stopped comes later", async () => {
    await using here = timed()
    const seen = recording<string>()
    const consumer = here.prices.subscribe("billing", (message) => seen.add(message.body))
    await consumer.stop()
    await here.prices.publish("while stopped")
    await here.clock.settle()
    expect(seen.items).toEqual([])
    here.prices.subscribe("billing", (message) => seen.add(message.body))
    await here.clock.settle()
    expect(seen.items).toEqual(["while stopped"])
  })

  test("is made once however often it is asked for, and keeps what it has", async () => {
    await using here = timed()
    here.prices.createSubscription("billing")
    await here.prices.publish("a")
    here.prices.createSubscription("billing")
    expect(subscriptionCounts(here.broker, "prices", "billing")).toEqual({ ...nothing, ready: 1 })
  })

  test("that another connection makes gets what is published here from then on", async () => {
    await using here = workspace()
    const [publishing, subscribing] = [here.open(), here.open()]
    const prices = publishing.topic("prices")
    await prices.publish("before")
    const seen = recording<unknown>()
    subscribing.topic("prices").subscribe("billing", (message) => seen.add(message.body))
    await prices.publish("after")
    expect(await seen.reaches(1)).toEqual(["after"])
    subscribing.topic("prices").createSubscription("audit")
    await prices.publish("later")
    expect(subscriptionCounts(publishing, "prices", "audit")).toEqual({ ...nothing, ready: 1 })
  })

  test("shares its messages among its competing consumers", async () => {
    await using here = workspace()
    const [first, second] = [here.open(), here.open()]
    const seen = recording<unknown>()
    const acked = eventsOf([first, second], "acked")
    for (const broker of [first, second]) {
      broker.topic("prices").subscribe("billing", (message) => seen.add(message.body), { concurrency: 2 })
    }
    const bodies = Array.from({ length: 100 }, (_, number) => number)
    await first.topic<number>("prices").publishMany(bodies)
    await acked.reaches(100)
    expect(seen.items.sort((a, b) => Number(a) - Number(b))).toEqual(bodies)
  })

  test("that fails does so alone: its retries and dead letters are its own", async () => {
    await using here = timed()
    const seen = recording<string>()
    here.prices.subscribe("audit", (message) => seen.add(message.body))
    const failing = here.prices.subscribe(
      "billing",
      () => {
        throw new Error("billing is down")
      },
      { attemptsMax: 2 },
    )
    const id = await here.prices.publish("a")
    await here.clock.advance(60_000)
    expect(seen.items).toEqual(["a"])
    expect(here.prices.deadLetters("audit").list()).toEqual([])
    expect(here.prices.deadLetters("billing").list()).toMatchObject([{ id, body: "a", attempt: 2 }])
    await failing.stop()
    here.prices.subscribe("billing", (message) => seen.add(`billing ${message.body}`))
    expect(here.prices.deadLetters("billing").redrive()).toBe(1)
    await here.clock.advance(60_000)
    expect(seen.items).toEqual(["a", "billing a"])
  })

  test("that is deleted leaves with its messages and dead letters; the others keep theirs", async () => {
    await using here = timed()
    here.prices.createSubscription("billing")
    here.prices.createSubscription("audit")
    await here.prices.publishMany(["a", "b"])
    here.prices.deleteSubscription("billing")
    expect(here.broker.inspect().topics[0]?.subscriptions.map((subscription) => subscription.name)).toEqual(["audit"])
    here.prices.createSubscription("billing")
    expect(subscriptionCounts(here.broker, "prices", "billing")).toEqual(nothing)
    expect(subscriptionCounts(here.broker, "prices", "audit")).toEqual({ ...nothing, ready: 2 })
    await here.prices.publish("c")
    expect(subscriptionCounts(here.broker, "prices", "billing")).toEqual({ ...nothing, ready: 1 })
  })

  test("that is deleted under a running consumer delivers nothing more and disturbs nobody", async () => {
    await using here = timed()
    const seen = recording<string>()
    const consumer = here.prices.subscribe("billing", (message) => seen.add(`billing ${message.body}`))
    here.prices.subscribe("audit", (message) => seen.add(`audit ${message.body}`))
    await here.prices.publish("a")
    await here.clock.settle()
    here.prices.deleteSubscription("billing")
    await here.prices.publish("b")
    await here.clock.advance(10_000)
    expect(seen.items.filter((entry) => entry.startsWith("billing"))).toEqual(["billing a"])
    expect(seen.items.filter((entry) => entry.startsWith("audit"))).toEqual(["audit a", "audit b"])
    await consumer.stop()
  })

  test("of one topic is not the subscription of that name of another", async () => {
    await using here = timed()
    here.prices.createSubscription("billing")
    here.broker.topic("stock").createSubscription("billing")
    await here.prices.publish("a")
    expect(subscriptionCounts(here.broker, "stock", "billing")).toEqual(nothing)
    here.broker.topic("stock").deleteSubscription("billing")
    expect(subscriptionCounts(here.broker, "prices", "billing")).toEqual({ ...nothing, ready: 1 })
  })

  test("removes what everybody has handled: the file holds no copy of it any more", async () => {
    await using here = timed()
    for (const name of ["billing", "audit"]) here.prices.subscribe(name, () => {})
    const marker = "a-marker-that-nothing-else-has"
    await here.prices.publishMany(Array.from({ length: 20 }, () => marker))
    await here.clock.advance(1_000)
    const { database } = here.broker
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[]
    for (const table of tables) {
      const rows = JSON.stringify(database.prepare(`SELECT * FROM "${table}"`).all())
      expect(rows.includes(marker) ? table : "").toBe("")
    }
  })
})
