import { describe, expect, test } from "vitest"
import { type Broker, BrokerClosedError, BrokerError, ReplyTimeoutError } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { timedBroker } from "./support/timed.ts"
import { gate, recording, refusal, settles } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

function doubling(broker: Broker) {
  return broker.requestReply<number, number>("doubling")
}

describe("a request", () => {
  test("is answered with what the responder returns, now or by a promise", async () => {
    await using here = timedBroker()
    const channel = here.broker.requestReply<unknown, unknown>("echo")
    channel.respond(async (message) => ({ got: message.body }))
    for (const body of [1, "text", null, [], { nested: { deep: true } }]) {
      const reply = channel.request(body)
      await here.clock.advance(100)
      expect(await settles(reply, "a reply")).toEqual({ got: body })
    }
  })

  test("carries its headers, and bytes come back as bytes", async () => {
    await using here = timedBroker()
    const channel = here.broker.requestReply<Uint8Array, Uint8Array>("reversing")
    const headers: unknown[] = []
    channel.respond((message) => {
      headers.push(message.headers.tenant)
      return message.body.toReversed()
    })
    const reply = channel.request(Uint8Array.of(1, 2, 3), { headers: { tenant: "a" } })
    await here.clock.advance(100)
    expect(await settles(reply, "a reply")).toEqual(Uint8Array.of(3, 2, 1))
    expect(headers).toEqual(["a"])
  })

  test("gets its own reply, however many wait and in whatever order they are answered", async () => {
    await using here = timedBroker()
    const channel = doubling(here.broker)
    channel.respond(
      async (message) => {
        await here.clock.sleep((message.body * 37) % 50)
        return message.body * 2
      },
      { concurrency: 25 },
    )
    const replies = Array.from({ length: 50 }, (_, number) => channel.request(number))
    await here.clock.advance(2_000)
    expect(await settles(Promise.all(replies), "fifty replies")).toEqual(Array.from({ length: 50 }, (_, number) => number * 2))
  })

  test("is answered by one of several responders, on any connection", async () => {
    await using here = workspace()
    const [client, one, other] = [here.open(), here.open(), here.open()]
    const handled = recording<number>()
    for (const broker of [one, other]) {
      doubling(broker).respond((message) => {
        handled.add(message.body)
        return message.body * 2
      })
    }
    const replies = await settles(Promise.all(Array.from({ length: 40 }, (_, number) => doubling(client).request(number))), "replies")
    expect(replies).toEqual(Array.from({ length: 40 }, (_, number) => number * 2))
    expect(handled.items.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, number) => number))
  })

  test("waits for a responder that comes later", async () => {
    await using here = timedBroker()
    const reply = doubling(here.broker).request(21, { timeoutMs: 10_000 })
    await here.clock.advance(5_000)
    doubling(here.broker).respond((message) => message.body * 2)
    await here.clock.advance(1_000)
    expect(await settles(reply, "the reply of a late responder")).toBe(42)
  })

  test("whose responder fails is handled again, and gets the reply of the attempt that succeeds", async () => {
    await using here = timedBroker()
    doubling(here.broker).respond((message) => {
      if (message.attempt < 3) throw new Error("not yet")
      return message.body * 2
    })
    const reply = doubling(here.broker).request(21, { timeoutMs: 20_000 })
    await here.clock.advance(19_000)
    expect(await settles(reply, "the reply of the third attempt")).toBe(42)
  })

  test("rejects with ReplyTimeoutError when no reply came in time, and not before", async () => {
    await using here = timedBroker()
    let outcome: unknown = "pending"
    doubling(here.broker)
      .request(1, { timeoutMs: 1_000 })
      .catch((error: unknown) => {
        outcome = error
      })
    await here.clock.advance(999)
    expect(outcome).toBe("pending")
    await here.clock.advance(1)
    expect(outcome).toBeInstanceOf(ReplyTimeoutError)
    expect(outcome).toBeInstanceOf(BrokerError)
    expect((outcome as Error).message).toContain("doubling")
    expect((outcome as Error).message).toContain("1000")
  })

  test("that timed out leaves its late reply to nobody: the next request gets its own", async () => {
    await using here = timedBroker()
    const finish = gate()
    const handled: number[] = []
    const channel = doubling(here.broker)
    channel.respond(async (message) => {
      handled.push(message.body)
      if (message.body === 1) await finish.opened
      return message.body * 2
    })
    const first = refusal(() => channel.request(1, { timeoutMs: 100 }))
    await here.clock.advance(100)
    expect(await first).toBeInstanceOf(ReplyTimeoutError)
    const second = channel.request(2)
    await here.clock.advance(100)
    finish.open()
    await here.clock.advance(1_000)
    expect(await settles(second, "the second reply")).toBe(4)
    expect(handled).toEqual([1, 2])
  })

  test("of one broker is never answered to another that asks on the same channel", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const [one, other] = [here.open({ clock }), here.open({ clock })]
    doubling(one).respond((message) => message.body * 2, { concurrency: 10 })
    const channels = [doubling(one), doubling(other)] as const
    const replies = Array.from({ length: 30 }, (_, number) => channels[number % 2 ? 1 : 0].request(number))
    await clock.advance(2_000)
    expect(await settles(Promise.all(replies), "replies to two brokers")).toEqual(Array.from({ length: 30 }, (_, number) => number * 2))
  })

  test("that waits when its broker closes is rejected with BrokerClosedError", async () => {
    await using here = workspace()
    const broker = here.open()
    const waiting = refusal(() => doubling(broker).request(1, { timeoutMs: 60_000 }))
    await new Promise((resolve) => setImmediate(resolve))
    await broker.close()
    expect(await settles(waiting, "a request of a closed broker")).toBeInstanceOf(BrokerClosedError)
  })

  test("through a channel taken anew each time keeps no more going than through one", async () => {
    await using here = timedBroker()
    doubling(here.broker).respond((message) => message.body * 2)
    const timers: number[] = []
    for (let round = 0; round < 3; round++) {
      const replies = Array.from({ length: 20 }, (_, number) => doubling(here.broker).request(number))
      await here.clock.advance(1_000)
      await settles(Promise.all(replies), "replies")
      timers.push(here.clock.pending)
    }
    expect(timers).toEqual([timers[0], timers[0], timers[0]] as number[])
  })

  test("leaves nothing behind once it is answered, and no reply queues once their brokers are gone", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const server = here.open({ clock })
    doubling(server).respond((message) => message.body * 2)
    const rowCounts: number[] = []
    // The ids of requests are remembered for five minutes: two lives.
    for (let life = 0; life < 6; life++) {
      const client = here.open({ clock })
      const replies = Array.from({ length: 20 }, (_, number) => doubling(client).request(number))
      await clock.advance(1_000)
      await settles(Promise.all(replies), "replies")
      await client.close()
      await clock.advance(150_000)
      rowCounts.push(rows(server))
    }
    expect(rowCounts.at(-1)).toBeLessThanOrEqual(rowCounts[2] as number)
  })
})

/** Rows of all the broker's tables but SQLite's own. */
function rows({ database }: Broker): number {
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all()
  return tables.reduce<number>((sum, table) => sum + Number(database.prepare(`SELECT count(*) FROM "${table}"`).pluck().get()), 0)
}

describe("a responder", () => {
  test("that is stopped leaves requests to the next", async () => {
    await using here = timedBroker()
    const first = doubling(here.broker).respond(() => -1)
    await first.stop()
    const reply = doubling(here.broker).request(21, { timeoutMs: 10_000 })
    await here.clock.advance(100)
    doubling(here.broker).respond((message) => message.body * 2)
    await here.clock.advance(100)
    expect(await settles(reply, "the reply of the second responder")).toBe(42)
  })

  test("may itself ask on another channel", async () => {
    await using here = timedBroker()
    const quadrupling = here.broker.requestReply<number, number>("quadrupling")
    doubling(here.broker).respond((message) => message.body * 2)
    quadrupling.respond(async (message) => doubling(here.broker).request(await doubling(here.broker).request(message.body)))
    const reply = quadrupling.request(3)
    await here.clock.advance(1_000)
    expect(await settles(reply, "a reply through two channels")).toBe(12)
  })
})
