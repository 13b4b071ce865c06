import { describe, expect, test } from "vitest"
import type { Broker, BrokerEvent } from "#waystation"
import { timedBroker } from "./support/timed.ts"
import { type EventName, eventsOf, gate, type NamedEvent } from "./support/waiting.ts"

const allNames: EventName[] = ["sent", "delivered", "acked", "nacked", "dead-lettered", "lease-lost", "relayed", "rebalanced", "committed"]

function told(broker: Broker) {
  const events = eventsOf(broker, ...allNames)
  /** Their names in order, of one message or of all. */
  const names = (messageId?: string) =>
    events.items.filter((event) => messageId === undefined || event.messageId === messageId).map((event) => event.name)
  return { items: events.items, names }
}

function only(events: NamedEvent[], name: EventName): BrokerEvent[] {
  return events.filter((event) => event.name === name)
}

describe("the events", () => {
  test("of a message that is handled are sent, delivered, acked", async () => {
    await using here = timedBroker()
    const events = told(here.broker)
    const queue = here.broker.queue("orders")
    queue.consume(() => {})
    const id = await queue.send("a", { key: "k" })
    await here.clock.settle()
    expect(events.names()).toEqual(["sent", "delivered", "acked"])
    for (const event of events.items) expect(event).toMatchObject({ channel: "orders", messageId: id, key: "k", time: here.clock.now() })
    expect(only(events.items, "delivered")[0]?.attempt).toBe(1)
    expect(only(events.items, "acked")[0]?.attempt).toBe(1)
  })

  test("of a message that fails for good are nacked for each failure but the last, then dead-lettered", async () => {
    await using here = timedBroker()
    const events = told(here.broker)
    const queue = here.broker.queue("orders")
    queue.consume(
      () => {
        throw new Error("x")
      },
      { attemptsMax: 3 },
    )
    const id = await queue.send("a")
    await here.clock.advance(10_000)
    expect(events.names(id)).toEqual(["sent", "delivered", "nacked", "delivered", "nacked", "delivered", "dead-lettered"])
    expect(only(events.items, "delivered").map((event) => event.attempt)).toEqual([1, 2, 3])
  })

  test("tell the time at which each thing happened", async () => {
    await using here = timedBroker()
    const events = told(here.broker)
    const start = here.clock.now()
    const queue = here.broker.queue("orders")
    queue.consume(() => here.clock.sleep(50))
    await queue.send("a", { delayMs: 1_000 })
    await here.clock.advance(5_000)
    expect(events.items.map(({ name, time }) => [name, time - start])).toEqual([
      ["sent", 0],
      ["delivered", 1_000],
      ["acked", 1_050],
    ])
  })

  test("of deliveries that are pulled are the same", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("orders")
    const events = told(here.broker)
    await queue.sendMany(["a", "b", "c"])
    const [first, second, third] = queue.receive({ max: 3 })
    first?.ack()
    second?.nack({ delayMs: 1_000 })
    third?.deadLetter("x")
    await here.clock.settle()
    expect(events.names(first?.id)).toEqual(["sent", "delivered", "acked"])
    expect(events.names(second?.id)).toEqual(["sent", "delivered", "nacked"])
    expect(events.names(third?.id)).toEqual(["sent", "delivered", "dead-lettered"])
  })

  test("of a topic name the subscription", async () => {
    await using here = timedBroker()
    const topic = here.broker.topic("prices")
    const events = told(here.broker)
    for (const name of ["audit", "billing"]) topic.subscribe(name, () => {})
    const id = await topic.publish("a")
    await here.clock.settle()
    expect(only(events.items, "sent")).toHaveLength(1)
    for (const name of ["delivered", "acked"] as const) {
      const those = only(events.items, name)
      expect(those.map((event) => event.subscription).sort()).toEqual(["audit", "billing"])
      for (const event of those) expect(event).toMatchObject({ channel: "prices", messageId: id })
    }
  })

  test("of a partitioned channel name partition and group, and tell when a place is committed", async () => {
    await using here = timedBroker()
    const channel = here.broker.partitioned("log", { partitions: 3 })
    const events = told(here.broker)
    channel.consume("g", () => {})
    const id = await channel.send("a", { key: "k" })
    await here.clock.advance(1_000)
    const partition = channel.partitionOf("k")
    expect(only(events.items, "sent")).toMatchObject([{ channel: "log", messageId: id, key: "k", partition }])
    expect(only(events.items, "delivered")).toMatchObject([{ channel: "log", messageId: id, key: "k", partition, group: "g", attempt: 1 }])
    expect(only(events.items, "acked")).toMatchObject([{ channel: "log", messageId: id, partition, group: "g" }])
    expect(only(events.items, "committed").at(-1)).toMatchObject({ channel: "log", partition, group: "g" })
    expect(only(events.items, "rebalanced").length).toBeGreaterThan(0)
  })

  test("sent is said after the commit: whoever hears it finds the message", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("orders")
    const found: number[] = []
    here.broker.events.on("sent", () => found.push(here.broker.database.inTransaction ? -1 : queue.receive({ max: 10 }).length))
    await queue.send("a")
    await here.clock.settle()
    expect(found).toEqual([1])
  })

  test("acked is said after the commit, not before", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("orders")
    const inFlight: (number | undefined)[] = []
    here.broker.events.on("acked", () => inFlight.push(here.broker.inspect().queues[0]?.inFlight))
    queue.consume(() => {})
    await queue.send("a")
    await here.clock.settle()
    expect(inFlight).toEqual([0])
  })

  test("nothing is said of what is rolled back", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("orders")
    await queue.send("a")
    const [delivery] = queue.receive()
    const events = told(here.broker)
    expect(() =>
      here.broker.transaction(() => {
        queue.send("b")
        delivery?.ack()
        throw new Error("back")
      }),
    ).toThrow("back")
    await here.clock.settle()
    expect(events.names()).toEqual([])
  })

  test("a listener that is taken off hears nothing more, and a second one hears the same", async () => {
    await using here = timedBroker()
    const [first, second]: [string[], string[]] = [[], []]
    const listener = (event: BrokerEvent) => first.push(event.messageId as string)
    here.broker.events.on("sent", listener)
    here.broker.events.on("sent", (event: BrokerEvent) => second.push(event.messageId as string))
    const a = await here.broker.queue("orders").send("a")
    await here.clock.settle()
    here.broker.events.off("sent", listener)
    const b = await here.broker.queue("orders").send("b")
    await here.clock.settle()
    expect(first).toEqual([a])
    expect(second).toEqual([a, b])
  })

  test("an event can be written as JSON and read back: bodies are not in it", async () => {
    await using here = timedBroker()
    const events = told(here.broker)
    const queue = here.broker.queue("orders")
    const finish = gate()
    queue.consume(() => finish.opened)
    await queue.send({ secret: "card number" })
    await here.clock.settle()
    finish.open()
    await here.clock.settle()
    expect(JSON.parse(JSON.stringify(events.items))).toEqual(events.items.map((event) => ({ ...event })))
    expect(JSON.stringify(events.items)).not.toContain("card number")
  })
})
