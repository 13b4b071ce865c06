import { EventEmitter } from "eventemitter3"
import { describe, expect, test } from "vitest"
import { createOutbox, type OutgoingMessage, type Publisher, type RelayOptions, relayOutbox } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { CollectingPublisher, Service } from "./support/service.ts"
import { gate, recording, settles } from "./support/waiting.ts"

const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index)
const orderIds = (count: number, from = 1) => numbers(count, from).map((number) => `order-${number}`)

describe.each(["polling", "tailing"] as const)("a relay by %s", (method) => {
  const publishesAll = async (service: Service, publisher: Publisher, options: Partial<RelayOptions> = {}) => {
    await using relay = relayOutbox(service.path, publisher, { method, ...options })
    await settles(relay.idle(), "idle()")
  }

  test("publishes every committed message once, in order, and none that was rolled back", async () => {
    using service = new Service()
    const publisher = new CollectingPublisher()
    await using relay = relayOutbox(service.path, publisher, { method, batchMax: 7 })
    for (const number of numbers(50)) {
      service.place(number)
      const rollsBack = service.database.transaction(() => {
        service.outbox.send("orders", { placed: -number })
        throw new Error("rolled back")
      })
      expect(rollsBack).toThrow()
      if (number % 10 === 0) await settles(relay.idle(), "idle()")
    }
    await settles(relay.idle(), "idle()")
    expect(publisher.ids).toEqual(orderIds(50))
    expect(publisher.batches.every((batch) => batch.length <= 7)).toBe(true)
  })

  test("a message arrives as it was sent", async () => {
    using service = new Service()
    const publisher = new CollectingPublisher()
    const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index % 251)
    service.outbox.send(
      "orders",
      { text: "한국어 ✓ \u0000", list: [1, null, 1.5e300] },
      { id: "a", key: "k", headers: { tenant: "x" }, delayMs: 50 },
    )
    service.outbox.send("images", bytes, { id: "b" })
    service.outbox.send("empty", new Uint8Array(), { id: "c" })
    service.outbox.send("null", null, { id: "d" })
    await publishesAll(service, publisher)
    const sentAt = expect.any(Number)
    expect(publisher.messages).toEqual([
      {
        id: "a",
        channel: "orders",
        body: { text: "한국어 ✓ \u0000", list: [1, null, 1.5e300] },
        key: "k",
        headers: { tenant: "x" },
        sentAt,
        delayMs: 50,
      },
      { id: "b", channel: "images", body: bytes, headers: {}, sentAt },
      { id: "c", channel: "empty", body: new Uint8Array(), headers: {}, sentAt },
      { id: "d", channel: "null", body: null, headers: {}, sentAt },
    ] satisfies OutgoingMessage[])
    expect(publisher.messages[1]?.body).not.toBeInstanceOf(Buffer)
  })

  test("goes on where an earlier relay stopped", async () => {
    using service = new Service()
    for (const number of numbers(5)) service.place(number)
    const [first, second] = [new CollectingPublisher(), new CollectingPublisher()]
    await publishesAll(service, first)
    service.place(6)
    await publishesAll(service, second)
    expect(first.ids).toEqual(orderIds(5))
    expect(second.ids).toEqual(["order-6"])
  })

  test("forgets what it has published, and its positions are not given out again", async () => {
    using service = new Service()
    const publisher = new CollectingPublisher()
    const positions = () => service.database.prepare("SELECT position FROM waystation_outbox").pluck().all()
    for (const number of numbers(250)) service.place(number)
    await publishesAll(service, publisher)
    expect(positions()).toEqual([])
    service.place(251)
    expect(positions()).toEqual([251])
    await publishesAll(service, publisher)
    expect(publisher.ids).toEqual(orderIds(251))
  })

  test("saves the position after publishing: a relay that dies in between repeats that batch, and no more", async () => {
    using service = new Service()
    for (const number of numbers(30)) service.place(number)
    const clock = virtualClock()
    const died = gate()
    const first = new CollectingPublisher()
    const dying: Publisher = {
      async publish(messages) {
        await first.publish(messages)
        if (first.batches.length === 2) {
          died.open()
          await new Promise(() => {})
        }
      },
    }
    relayOutbox(service.database, dying, { method, batchMax: 10, clock, intervalMs: 10 })
    await clock.hold(died.opened)

    const second = new CollectingPublisher()
    const other = relayOutbox(service.connect(), second, { method, batchMax: 10, intervalMs: 10, leaseMs: 100 })
    // The first relay's clock stands still: to all others it is dead, and its lease runs out.
    service.database.exec("UPDATE waystation_relay SET leased_until = 1")
    await settles(other.idle(), "idle()")
    await other.stop()
    expect(first.ids).toEqual(orderIds(20))
    expect(second.ids).toEqual(orderIds(20, 11))
  })

  test("a publication that is refused is tried again with back-off, and nothing overtakes it", async () => {
    using service = new Service()
    for (const number of numbers(8)) service.place(number)
    const clock = virtualClock()
    const accepted = new CollectingPublisher()
    const attempts: { time: number; ids: string[] }[] = []
    let refusing = true
    const publisher: Publisher = {
      async publish(messages) {
        const ids = messages.map((message) => message.id)
        attempts.push({ time: clock.now(), ids })
        if (refusing && ids.includes("order-3")) throw new Error("no such channel")
        await accepted.publish(messages)
      },
    }
    const events = new EventEmitter()
    const failed = recording<{ operation: string; error: Error }>()
    events.on("failed", failed.add)
    const backoff = { initialMs: 100, factor: 2, maxMs: 1_000 }
    const relay = relayOutbox(service.database, publisher, { method, clock, backoff, events, random: () => 1 })
    await clock.runUntil(() => attempts.length > 12)
    expect(accepted.ids).toEqual(orderIds(2))
    const onlyThird = attempts.filter(({ ids }) => ids.length === 1 && ids[0] === "order-3").map(({ time }) => time)
    const waits = onlyThird.slice(1).map((time, index) => time - (onlyThird[index] ?? 0))
    expect(waits.slice(0, 3)).toEqual([200, 400, 800])
    expect(Math.max(...waits)).toBe(1_000)
    expect(failed.items[0]).toMatchObject({ operation: "publish", error: new Error("no such channel") })
    expect(relay.backlog).toBe(6)

    refusing = false
    const idle = relay.idle()
    await clock.runUntil(() => relay.backlog === 0)
    await idle
    expect(accepted.ids).toEqual(orderIds(8))
    await relay.stop()
  })

  test("what is committed meanwhile does not shorten the back-off", async () => {
    using service = new Service()
    service.place(1)
    const clock = virtualClock()
    let attempts = 0
    const refuses: Publisher = { publish: () => Promise.reject(new Error(`no, for the time ${++attempts}`)) }
    const backoff = { initialMs: 10_000, factor: 1 }
    const relay = relayOutbox(service.database, refuses, { method, clock, backoff, random: () => 1 })
    await clock.advance(1_000)
    for (let id = 2; id < 20; id++) {
      service.place(id)
      await clock.advance(100)
    }
    expect(attempts).toBe(1)
    await clock.advance(10_000)
    expect(attempts).toBe(2)
    await relay.stop()
  })

  test("a publisher that throws at once is refused like one that rejects", async () => {
    using service = new Service()
    service.place(1)
    const accepted = new CollectingPublisher()
    let calls = 0
    const publisher = {
      publish(messages: readonly OutgoingMessage[]) {
        if (calls++ === 0) throw new Error("not yet")
        return accepted.publish(messages)
      },
    }
    await publishesAll(service, publisher, { backoff: { initialMs: 1 } })
    expect(accepted.ids).toEqual(["order-1"])
  })

  test("backlog and lag show what waits", async () => {
    using service = new Service()
    const clock = virtualClock()
    const open = gate()
    const publisher: Publisher = { publish: () => open.opened }
    const outbox = createOutbox(service.database, { clock })
    const relay = relayOutbox(service.connect(), publisher, { method, clock })
    expect([relay.backlog, relay.lagMs]).toEqual([0, 0])
    for (const number of numbers(3)) service.place(number, outbox)
    await clock.advance(250)
    expect([relay.backlog, relay.lagMs]).toEqual([3, 250])
    open.open()
    await clock.runUntil(() => relay.backlog === 0)
    expect(relay.lagMs).toBe(0)
    await relay.stop()
  })

  test("tells of each message that it relayed", async () => {
    using service = new Service()
    const events = new EventEmitter()
    const relayed = recording<Record<string, unknown>>()
    events.on("relayed", relayed.add)
    service.outbox.send("orders", 1, { id: "a", key: "k" })
    service.outbox.send("bills", 2, { id: "b" })
    await publishesAll(service, new CollectingPublisher(), { events })
    expect(relayed.items).toEqual([
      { channel: "orders", messageId: "a", key: "k", time: expect.any(Number) },
      { channel: "bills", messageId: "b", time: expect.any(Number) },
    ])
  })

  test("works on the service's own handle, and pauses while a transaction is open there", async () => {
    using service = new Service()
    const clock = virtualClock()
    const publisher = new CollectingPublisher()
    const relay = relayOutbox(service.database, publisher, { method, clock })
    await clock.advance(10)
    service.database.exec("BEGIN IMMEDIATE")
    service.outbox.send("orders", 1, { id: "undone" })
    const idle = relay.idle()
    await clock.advance(5_000)
    service.database.exec("ROLLBACK")
    await clock.advance(10)
    await settles(idle, "idle()")
    service.place(1)
    await clock.advance(1_000)
    await relay.stop()
    expect(publisher.ids).toEqual(["order-1"])
    expect(service.database.open).toBe(true)
  })
})
