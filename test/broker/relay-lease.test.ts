import { describe, expect, test } from "vitest"
import { type OutgoingMessage, type Publisher, type Relay, relayOutbox } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { CollectingPublisher, Service } from "./support/service.ts"
import { type Gate, gate, refusal, settles } from "./support/waiting.ts"

const orderIds = (count: number, from = 1) => Array.from({ length: count }, (_, index) => `order-${from + index}`)

/** Says when it is reached, and answers when it may: by default never. */
function stuck(reached: Gate, answer: Promise<void> = new Promise(() => {})): Publisher {
  return {
    publish() {
      reached.open()
      return answer
    },
  }
}

/** Notices when two publications are under way at once. */
class ExclusivePublisher extends CollectingPublisher {
  readonly #publishMs: number
  #underWay = 0
  sideBySide = 0

  constructor(publishMs: number) {
    super()
    this.#publishMs = publishMs
  }

  override async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (++this.#underWay > 1) this.sideBySide++
    await new Promise((resolve) => setTimeout(resolve, this.#publishMs))
    await super.publish(messages)
    this.#underWay--
  }
}

describe.each(["polling", "tailing"] as const)("several relays on one outbox, by %s", (method) => {
  test("one publishes, and when it stops another goes on at once", async () => {
    using service = new Service()
    const publisher = new ExclusivePublisher(2)
    const relays: Relay[] = [1, 2, 3].map(() => relayOutbox(service.path, publisher, { method, batchMax: 5, intervalMs: 5 }))
    for (let id = 1; id <= 60; id++) {
      service.place(id)
      if (id % 20 === 0) {
        await settles(Promise.all(relays.map((relay) => relay.idle())), "idle() of all")
        await relays.shift()?.stop()
      }
    }
    expect(publisher.ids).toEqual(orderIds(60))
    expect(publisher.sideBySide).toBe(0)
  })

  test("one that stands by knows when everything is published", async () => {
    using service = new Service()
    const open = gate()
    const publisher = new CollectingPublisher()
    const slow: Publisher = { publish: (messages) => open.opened.then(() => publisher.publish(messages)) }
    await using first = relayOutbox(service.path, slow, { method, intervalMs: 5 })
    service.place(1)
    await using second = relayOutbox(service.path, publisher, { method, intervalMs: 5 })
    let idle = false
    const waiting = second.idle().then(() => {
      idle = true
    })
    expect([first.backlog, second.backlog, idle]).toEqual([1, 1, false])
    open.open()
    await settles(waiting, "idle() of the one that stands by")
    expect([first.backlog, second.backlog]).toEqual([0, 0])
    expect(publisher.ids).toEqual(["order-1"])
  })

  test("one takes over from one that died when the lease has run out, and not before", async () => {
    using service = new Service()
    service.place(1)
    const clock = virtualClock()
    const died = gate()
    const dead = relayOutbox(service.connect(), stuck(died), { method, clock, leaseMs: 1_000 })
    await clock.hold(died.opened)
    // Its clock stands still from now on: it renews nothing.
    const published = new CollectingPublisher()
    const heirsClock = virtualClock({ now: clock.now() })
    const heir = relayOutbox(service.connect(), published, { method, clock: heirsClock, leaseMs: 1_000, intervalMs: 10 })
    await heirsClock.advance(999)
    expect(published.ids).toEqual([])
    await heirsClock.advance(20)
    expect(published.ids).toEqual(["order-1"])
    const stopped = dead.stop()
    await clock.advance(10_000)
    await stopped
    await heir.stop()
  })

  test("a lease is renewed for as long as a publication takes", async () => {
    using service = new Service()
    service.place(1)
    const clock = virtualClock()
    const open = gate()
    const published = new CollectingPublisher()
    const slow: Publisher = { publish: (messages) => open.opened.then(() => published.publish(messages)) }
    const options = { method, clock, leaseMs: 1_000, intervalMs: 10 } as const
    const first = relayOutbox(service.connect(), slow, options)
    await clock.settle()
    const second = relayOutbox(service.connect(), published, options)
    await clock.advance(60_000)
    expect(published.ids).toEqual([])
    open.open()
    await clock.advance(10)
    expect(published.ids).toEqual(["order-1"])
    await Promise.all([first.stop(), second.stop()])
  })

  test("what a relay published after its lease was lost does not move the other's position", async () => {
    using service = new Service()
    for (const id of [1, 2, 3, 4]) service.place(id)
    const position = () => service.database.prepare("SELECT published FROM waystation_relay").pluck().get()
    const clock = virtualClock()
    const reached = gate()
    const open = gate()
    const paused: Publisher = stuck(reached, open.opened)
    const first = relayOutbox(service.connect(), paused, { method, clock, leaseMs: 1_000, batchMax: 1 })
    await clock.hold(reached.opened)

    const published = new CollectingPublisher()
    const later = virtualClock({ now: clock.now() + 5_000 })
    const second = relayOutbox(service.connect(), published, { method, clock: later, leaseMs: 60_000, batchMax: 3 })
    await later.runUntil(() => position() === 4)
    open.open()
    await clock.advance(100)
    expect(position()).toBe(4)
    expect(published.ids).toEqual(orderIds(4))
    await Promise.all([first.stop(), second.stop()])
  })

  test("a clock that was set back does not keep the outbox waiting for that time to come again", async () => {
    using service = new Service()
    const clock = virtualClock()
    const early = virtualClock({ now: clock.now() - 3_600_000 })
    const died = gate()
    service.place(1)
    const dead = relayOutbox(service.connect(), stuck(died), { method, clock, leaseMs: 1_000 })
    await clock.hold(died.opened)
    const published = new CollectingPublisher()
    const heir = relayOutbox(service.connect(), published, { method, clock: early, leaseMs: 1_000, intervalMs: 10 })
    await early.advance(100)
    expect(published.ids).toEqual(["order-1"])
    const stopped = dead.stop()
    await clock.advance(10_000)
    await stopped
    await heir.stop()
  })
})

describe("stopping", () => {
  test("waits for the publication under way, and saves it", async () => {
    using service = new Service()
    service.place(1)
    const reached = gate()
    const open = gate()
    const relay = relayOutbox(service.path, stuck(reached, open.opened), { method: "polling" })
    await reached.opened
    const stopped = relay.stop()
    expect(relay.stop()).toBe(stopped)
    open.open()
    await settles(stopped, "stop()")
    expect(service.database.prepare("SELECT published, leased_until FROM waystation_relay").get()).toEqual({
      published: 1,
      leased_until: 0,
    })
    expect(relay.backlog).toBe(0)
  })

  test("does not wait for ever for a publisher that never answers, and keeps its lease from others", async () => {
    using service = new Service()
    service.place(1)
    const clock = virtualClock()
    const relay = relayOutbox(service.path, { publish: () => new Promise(() => {}) }, { method: "polling", clock })
    await clock.settle()
    const stopped = relay.stop()
    await clock.advance(10_000)
    await settles(stopped, "stop()")
    const until = service.database.prepare("SELECT leased_until FROM waystation_relay").pluck().get()
    expect(until).toBeGreaterThan(clock.now() - 3_000)
  })

  test("rejects who waits for idle(), and who asks afterwards", async () => {
    using service = new Service()
    const open = gate()
    const relay = relayOutbox(
      service.path,
      { publish: () => open.opened.then(() => Promise.reject(new Error("refused"))) },
      { method: "polling" },
    )
    service.place(1)
    const idle = relay.idle()
    const rejected = refusal(() => idle)
    open.open()
    await relay.stop()
    expect(await rejected).toMatchObject({ code: "RELAY_STOPPED" })
    expect(await refusal(() => relay.idle())).toMatchObject({ code: "RELAY_STOPPED" })
    expect(relay.backlog).toBe(1)
  })

  test("leaves nothing behind that keeps the process alive, and a handle as it was", async () => {
    using service = new Service()
    const clock = virtualClock()
    for (const method of ["polling", "tailing"] as const) {
      const relay = relayOutbox(service.database, new CollectingPublisher(), { method, clock })
      await clock.advance(500)
      await relay.stop()
      expect(clock.pending).toBe(0)
    }
    service.place(1)
    expect(service.database.prepare("SELECT count(*) FROM waystation_outbox").pluck().get()).toBe(1)
  })
})
