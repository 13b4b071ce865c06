import { describe, expect, test } from "vitest"
import { BrokerError, type Delivery, LeaseLostError, type Message } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { nothing, queueCounts } from "./support/counts.ts"
import { bodiesOf } from "./support/received.ts"
import { timedBroker } from "./support/timed.ts"
import { eventsOf, gate, recording, refusal } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

function timed() {
  const here = timedBroker()
  return { ...here, orders: here.broker.queue<string>("orders") }
}

function one<Body>(deliveries: Delivery<Body>[]): Delivery<Body> {
  expect(deliveries).toHaveLength(1)
  return deliveries[0] as Delivery<Body>
}

describe("the lease of a received message", () => {
  test("receive() gives at most as many as asked for, the oldest first, and the rest to the next caller", async () => {
    await using here = timed()
    await here.orders.sendMany(["a", "b", "c"])
    expect(bodiesOf(here.orders.receive({ max: 2 }))).toEqual(["a", "b"])
    expect(bodiesOf(here.orders.receive({ max: 2 }))).toEqual(["c"])
    expect(here.orders.receive({ max: 2 })).toEqual([])
  })

  test("a leased message is with nobody else until the lease ends, and comes back with the next attempt", async () => {
    await using here = timed()
    await here.orders.send("a")
    expect(one(here.orders.receive({ leaseMs: 1_000 })).attempt).toBe(1)
    await here.clock.advance(999)
    expect(here.orders.receive()).toEqual([])
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, inFlight: 1 })
    await here.clock.advance(1)
    expect(one(here.orders.receive({ leaseMs: 1_000 })).attempt).toBe(2)
  })

  test("a lease lasts thirty seconds unless another time is asked for", async () => {
    await using here = timed()
    await here.orders.send("a")
    one(here.orders.receive())
    await here.clock.advance(29_999)
    expect(here.orders.receive()).toEqual([])
    await here.clock.advance(1)
    one(here.orders.receive())
  })

  test("the lease counts from the delivery, not from the send", async () => {
    await using here = timed()
    await here.orders.send("a")
    await here.clock.advance(60_000)
    one(here.orders.receive({ leaseMs: 1_000 }))
    await here.clock.advance(999)
    expect(here.orders.receive()).toEqual([])
  })

  test("extend() makes the lease end that long from now, also sooner than before", async () => {
    await using here = timed()
    await here.orders.send("a")
    const delivery = one(here.orders.receive({ leaseMs: 1_000 }))
    await here.clock.advance(900)
    delivery.extend(5_000)
    await here.clock.advance(4_999)
    expect(here.orders.receive()).toEqual([])
    delivery.extend(100)
    await here.clock.advance(100)
    expect(one(here.orders.receive()).attempt).toBe(2)
  })
})

describe("settling by hand", () => {
  test("ack() removes the message", async () => {
    await using here = timed()
    await here.orders.send("a")
    one(here.orders.receive()).ack()
    await here.clock.advance(120_000)
    expect(here.orders.receive()).toEqual([])
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("nack() gives it back at once, nack({ delayMs }) after that time", async () => {
    await using here = timed()
    await here.orders.send("a")
    one(here.orders.receive()).nack()
    one(here.orders.receive()).nack({ delayMs: 500 })
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, delayed: 1 })
    await here.clock.advance(499)
    expect(here.orders.receive()).toEqual([])
    await here.clock.advance(1)
    expect(one(here.orders.receive()).attempt).toBe(3)
  })

  test("deadLetter() puts it aside with its reason", async () => {
    await using here = timed()
    const id = await here.orders.send("a")
    one(here.orders.receive()).deadLetter("no such customer")
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, dead: 1 })
    expect(here.orders.deadLetters.list()).toMatchObject([{ id, body: "a", reason: "no such customer", failedAt: here.clock.now() }])
  })

  test("deliveries of one receive() are settled one by one", async () => {
    await using here = timed()
    await here.orders.sendMany(["a", "b", "c"])
    const [a, b, c] = here.orders.receive({ max: 3 }) as [Delivery<string>, Delivery<string>, Delivery<string>]
    b.ack()
    c.nack()
    expect(one(here.orders.receive({ max: 3 })).body).toBe("c")
    a.deadLetter()
    expect(here.orders.deadLetters.list().map((letter) => letter.body)).toEqual(["a"])
  })

  const settlements: Record<string, (delivery: Delivery<string>) => void> = {
    "ack()": (delivery) => delivery.ack(),
    "nack()": (delivery) => delivery.nack(),
    "deadLetter()": (delivery) => delivery.deadLetter("late"),
    "extend()": (delivery) => delivery.extend(60_000),
  }
  for (const [name, settle] of Object.entries(settlements)) {
    test(`${name} reports a lost lease after another consumer received the message, and changes nothing`, async () => {
      await using here = timed()
      await here.orders.send("a")
      const late = one(here.orders.receive({ leaseMs: 1_000 }))
      await here.clock.advance(1_000)
      const current = one(here.orders.receive({ leaseMs: 1_000 }))
      const lost = eventsOf(here.broker, "lease-lost")
      expect(() => settle(late)).toThrow(LeaseLostError)
      await here.clock.settle()
      expect(lost.items).toMatchObject([{ channel: "orders", messageId: late.id }])
      expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, inFlight: 1 })
      await here.clock.advance(999)
      expect(here.orders.receive()).toEqual([])
      current.ack()
      expect(queueCounts(here.broker, "orders")).toEqual(nothing)
    })

    test(`${name} reports a lost lease after the delivery was settled, and changes nothing`, async () => {
      for (const first of Object.keys(settlements).filter((other) => other !== "extend()")) {
        await using here = timed()
        await here.orders.send("a")
        const delivery = one(here.orders.receive())
        settlements[first]?.(delivery)
        const before = queueCounts(here.broker, "orders")
        expect(() => settle(delivery)).toThrow(LeaseLostError)
        expect(queueCounts(here.broker, "orders")).toEqual(before)
      }
    })
  }

  test("a LeaseLostError is a BrokerError with a stable code", async () => {
    await using here = timed()
    await here.orders.send("a")
    const delivery = one(here.orders.receive())
    delivery.ack()
    const error = await refusal(() => delivery.ack())
    expect(error).toBeInstanceOf(BrokerError)
    expect((error as BrokerError).code).toMatch(/^[A-Z_]+$/)
    expect(error.name).toBe("LeaseLostError")
  })

  test("a message received again and again is never acknowledged by an earlier holder", async () => {
    await using here = timed()
    await here.orders.send("a")
    const holders: Delivery<string>[] = []
    for (let attempt = 1; attempt <= 4; attempt++) {
      holders.push(one(here.orders.receive({ leaseMs: 10 })))
      await here.clock.advance(10)
    }
    const last = one(here.orders.receive({ leaseMs: 10 }))
    for (const holder of holders) expect(() => holder.ack()).toThrow(LeaseLostError)
    last.ack()
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("a settle inside a transaction is undone with it, and the lease still holds", async () => {
    await using here = timed()
    await here.orders.send("a")
    const delivery = one(here.orders.receive())
    const refused = () =>
      here.broker.transaction(() => {
        delivery.ack()
        throw new Error("the effect failed")
      })
    expect(refused).toThrow("the effect failed")
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, inFlight: 1 })
    delivery.ack()
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })
})

describe("the lease while a handler runs", () => {
  test("it is renewed: a handler that takes many leases' time has the message to itself", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const broker = here.open({ clock })
    const other = here.open({ clock })
    const orders = broker.queue<string>("orders")
    const finish = gate()
    const attempts = recording<number>()
    const handler = (message: Message<string>) => {
      attempts.add(message.attempt)
      return finish.opened
    }
    orders.consume(handler, { leaseMs: 1_000 })
    await orders.send("slow")
    for (let passed = 0; passed < 20; passed++) {
      await clock.advance(500)
      expect(other.queue("orders").receive()).toEqual([])
    }
    finish.open()
    await clock.settle()
    expect(attempts.items).toEqual([1])
    expect(queueCounts(broker, "orders")).toEqual(nothing)
  })

  test("when it is lost all the same, the handler's return acknowledges nothing", async () => {
    await using here = workspace()
    // The first consumer's clock stands still: a process that is paused past its lease.
    const [paused, running] = [virtualClock(), virtualClock()]
    const first = here.open({ clock: paused })
    const second = here.open({ clock: running })
    const finish = gate()
    const lost = eventsOf(first, "lease-lost")
    first.queue("orders").consume(() => finish.opened, { leaseMs: 1_000 })
    await first.queue("orders").send("a")
    await paused.settle()
    await running.advance(1_000)
    const current = one(second.queue("orders").receive({ leaseMs: 60_000 }))
    expect(current.attempt).toBe(2)
    finish.open()
    await paused.settle()
    await lost.reaches(1)
    expect(queueCounts(second, "orders")).toEqual({ ...nothing, inFlight: 1 })
    current.ack()
  })
})

describe("an explicit settle inside the handler wins", () => {
  test("over throwing: what was acknowledged stays acknowledged", async () => {
    await using here = timed()
    here.orders.consume((_message, delivery) => {
      delivery.ack()
      throw new Error("afterwards")
    })
    await here.orders.send("a")
    await here.clock.advance(120_000)
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("over returning: nack() delivers again after its delay, deadLetter() never again", async () => {
    await using here = timed()
    const attempts = recording<number>()
    here.orders.consume((message, delivery) => {
      attempts.add(message.attempt)
      if (message.attempt === 1) delivery.nack({ delayMs: 7_000 })
      else delivery.deadLetter("enough")
    })
    await here.orders.send("a")
    await here.clock.advance(6_999)
    expect(attempts.items).toEqual([1])
    await here.clock.advance(1)
    expect(attempts.items).toEqual([1, 2])
    await here.clock.advance(120_000)
    expect(attempts.items).toEqual([1, 2])
    expect(here.orders.deadLetters.list()).toMatchObject([{ attempt: 2, reason: "enough" }])
  })

  test("over a promise that is still pending: after ack() the handler may go on at leisure", async () => {
    await using here = timed()
    const finish = gate()
    const handler = (_message: unknown, delivery: Delivery<string>) => {
      delivery.ack()
      return finish.opened
    }
    here.orders.consume(handler, { leaseMs: 1_000 })
    await here.orders.send("a")
    await here.clock.advance(10_000)
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
    finish.open()
    await here.clock.settle()
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })
})
