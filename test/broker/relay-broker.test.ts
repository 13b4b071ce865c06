import { describe, expect, test } from "vitest"
import { createInbox, type Message, openBroker, type Publisher, relayOutbox } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { Service } from "./support/service.ts"
import { recording, settles } from "./support/waiting.ts"

/** How long a broker knows the ids that a relay brings. */
const deduplicationMs = 300_000

/** Accepts each batch, and answers the first times as if it had not. */
function losesAnswers(publisher: Publisher, times: number): Publisher {
  return {
    async publish(messages) {
      await publisher.publish(messages)
      if (times-- > 0) throw new Error("the answer was lost")
    },
  }
}

describe.each(["polling", "tailing"] as const)("from a service's outbox by %s into a broker", (method) => {
  test("id, key, headers, body and the time of sending arrive at the consumer", async () => {
    using service = new Service()
    await using broker = openBroker(`${service.directory}/broker.db`)
    const received = recording<Message<unknown>>()
    broker.topic("orders").subscribe("kitchen", received.add)
    broker.partitioned("log", { partitions: 3 }).consume("audit", received.add)
    await using relay = relayOutbox(service.path, broker.publisher(), { method, events: broker.events })
    const relayed = recording()
    broker.events.on("relayed", relayed.add)
    const before = Date.now()
    const id = service.outbox.send("orders", { total: 1 }, { key: "k", headers: { tenant: "a" } })
    service.outbox.send("log", Uint8Array.of(7), { id: "mine", key: "k" })
    const [first, second] = [...(await received.reaches(2))].sort((one) => (one.channel === "orders" ? -1 : 1))
    expect(first).toMatchObject({ id, channel: "orders", body: { total: 1 }, key: "k", headers: { tenant: "a" }, attempt: 1 })
    expect(first?.sentAt).toBeGreaterThanOrEqual(before)
    expect(second).toMatchObject({ id: "mine", channel: "log", body: Uint8Array.of(7), key: "k", offset: 0 })
    await settles(relay.idle(), "idle()")
    await relayed.reaches(2)
  })

  test("what is published twice is delivered once", async () => {
    using service = new Service()
    await using broker = openBroker(`${service.directory}/broker.db`)
    const orders = broker.queue("orders")
    for (let id = 1; id <= 20; id++) service.place(id)
    await using relay = relayOutbox(service.path, losesAnswers(broker.publisher(), 3), { method, backoff: { initialMs: 1 } })
    await settles(relay.idle(), "idle()")
    const bodies = orders.receive({ max: 100 }).map((delivery) => delivery.body)
    expect(bodies).toEqual(Array.from({ length: 20 }, (_, index) => ({ placed: index + 1 })))
  })

  test("beyond the deduplication window the inbox sees to it that the effect happens once", async () => {
    using service = new Service()
    const clock = virtualClock()
    const broker = openBroker(`${service.directory}/broker.db`, { clock })
    const kitchen = service.connect("kitchen.db")
    kitchen.exec("CREATE TABLE tickets (placed INTEGER)")
    const inbox = createInbox(kitchen)
    const outcomes: boolean[] = []
    broker.queue<{ placed: number }>("orders").consume((message) => {
      const insert = () => void kitchen.prepare("INSERT INTO tickets VALUES (?)").run(message.body.placed)
      outcomes.push(inbox.once(message, "kitchen", insert))
    })
    service.place(1)
    const first = relayOutbox(service.path, losesAnswers(broker.publisher(), 1), { method, clock, backoff: { initialMs: 60_000 } })
    await clock.runUntil(() => outcomes.length === 1)
    await first.stop()
    await clock.advance(deduplicationMs + 1)
    const second = relayOutbox(service.path, broker.publisher(), { method, clock })
    await clock.runUntil(() => outcomes.length === 2)
    expect(outcomes).toEqual([true, false])
    expect(kitchen.prepare("SELECT placed FROM tickets").pluck().all()).toEqual([1])
    await Promise.all([second.stop(), broker.close()])
  })

  test("a message for a channel that the broker does not know waits for it, and what follows waits behind", async () => {
    using service = new Service()
    await using broker = openBroker(`${service.directory}/broker.db`)
    const orders = broker.queue("orders")
    service.place(1)
    service.outbox.send("bills", "unknown yet")
    service.place(2)
    await using relay = relayOutbox(service.path, broker.publisher(), {
      method,
      backoff: { initialMs: 1, maxMs: 5 },
      events: broker.events,
    })
    const failed = recording<unknown>()
    broker.events.on("failed", failed.add)
    await failed.reaches(5)
    expect(orders.receive({ max: 10 }).map((delivery) => delivery.id)).toEqual(["order-1"])
    expect(relay.backlog).toBe(2)
    const bills = broker.queue("bills")
    await settles(relay.idle(), "idle()")
    expect(bills.receive({ max: 10 }).map((delivery) => delivery.body)).toEqual(["unknown yet"])
    expect(orders.receive({ max: 10 }).map((delivery) => delivery.id)).toEqual(["order-2"])
  })

  test("outbox and broker may share one file and one handle", async () => {
    using service = new Service()
    await using broker = openBroker(service.database)
    const received = recording<Message<unknown>>()
    broker.queue("orders").consume(received.add)
    await using relay = relayOutbox(service.database, broker.publisher(), { method })
    for (let id = 1; id <= 10; id++) service.place(id)
    await settles(relay.idle(), "idle()")
    expect((await received.reaches(10)).map((message) => message.id)).toEqual(
      Array.from({ length: 10 }, (_, index) => `order-${index + 1}`),
    )
  })
})
