import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { type Broker, BrokerClosedError, BrokerError, openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { nothing, queueCounts } from "./support/counts.ts"
import { bodiesOf } from "./support/received.ts"
import { timedBroker } from "./support/timed.ts"
import { eventsOf, gate, recording, refusal, settles } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

describe("close()", () => {
  test("waits for running handlers, whose acknowledgements count, and starts no others", async () => {
    await using here = workspace()
    const broker = here.open()
    const queue = broker.queue<string>("orders")
    const started = recording<string>()
    const finish = gate()
    queue.consume(async (message) => {
      started.add(message.body)
      await finish.opened
    })
    await queue.sendMany(["a", "b"])
    await started.reaches(1)
    let closed = false
    const closing = broker.close().then(() => {
      closed = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(closed).toBe(false)
    finish.open()
    await settles(closing, "close() after its handler was done")
    expect(started.items).toEqual(["a"])
    expect(queueCounts(here.open(), "orders")).toEqual({ ...nothing, ready: 1 })
  })

  test("waits no longer than the grace; the message then comes back to others, and the late handler changes nothing", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const broker = here.open({ clock })
    const started = gate()
    const finish = gate()
    let lateAck: (() => void) | undefined
    broker.queue("orders").consume((_message, delivery) => {
      lateAck = () => delivery.ack()
      started.open()
      return finish.opened
    })
    await broker.queue("orders").send("a")
    await started.opened
    const closing = broker.close({ graceMs: 1_000 })
    await clock.advance(1_000)
    await settles(closing, "close() with a grace of a second")
    finish.open()
    expect(await refusal(() => lateAck?.())).toBeInstanceOf(BrokerError)
    const other = here.open({ clock })
    await clock.advance(30_000)
    expect(
      other
        .queue("orders")
        .receive({ max: 10 })
        .map(({ body, attempt }) => [body, attempt]),
    ).toEqual([["a", 2]])
  })

  test("resolves sends that were under way: they are stored", async () => {
    await using here = workspace()
    const broker = here.open()
    const sends = [broker.queue("orders").send("a"), broker.queue("orders").sendMany(["b", "c"])]
    await broker.close()
    await settles(Promise.all(sends), "sends under way at close()")
    expect(bodiesOf(here.open().queue("orders").receive({ max: 10 }))).toEqual(["a", "b", "c"])
  })

  test("twice, or twice at once, is the same as once", async () => {
    const broker = openBroker(":memory:")
    await Promise.all([broker.close(), broker.close()])
    await broker.close()
    await broker[Symbol.asyncDispose]()
    expect(broker.database.open).toBe(false)
  })

  test("leaves every member's partitions to the others at once", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const [one, other] = [here.open({ clock }), here.open({ clock })]
    const stays = other.partitioned("log", { partitions: 4 }).consume("g", () => {})
    one.partitioned("log", { partitions: 4 }).consume("g", () => {})
    await clock.advance(60_000)
    expect(stays.assigned).toHaveLength(2)
    await one.close()
    await clock.advance(2_000)
    expect(stays.assigned).toHaveLength(4)
  })

  test("frees the file: it can be opened, moved and removed", async () => {
    await using here = workspace()
    const broker = here.open()
    await broker.queue("orders").send("a")
    await broker.close()
    expect(broker.database.open).toBe(false)
    const again = here.open()
    expect(again.queue("orders").receive({ max: 10 })).toHaveLength(1)
  })

  test("sets no timers that go on", async () => {
    const here = timedBroker()
    here.broker.queue("orders").consume(() => {})
    here.broker.partitioned("log", { partitions: 2 }).consume("g", () => {})
    here.broker.topic("prices").subscribe("audit", () => {})
    await here.broker.queue("orders").send("a", { delayMs: 60_000 })
    await here.clock.advance(1_000)
    await here.broker.close()
    await here.clock.settle()
    expect(here.clock.pending).toBe(0)
  })

  const uses: Record<string, (broker: Broker) => unknown> = {
    "queue()": (broker) => broker.queue("new"),
    "topic()": (broker) => broker.topic("new"),
    "partitioned()": (broker) => broker.partitioned("new", { partitions: 1 }),
    "requestReply()": (broker) => broker.requestReply("new").request(1, { timeoutMs: 10 }),
    "transaction()": (broker) => broker.transaction(() => 1),
    "inspect()": (broker) => broker.inspect(),
    "publisher().publish()": (broker) =>
      broker.publisher().publish([{ id: "1", channel: "orders", body: 1, headers: {}, sentAt: Date.now() }]),
  }
  for (const [name, use] of Object.entries(uses)) {
    test(`makes ${name} say that the broker is closed`, async () => {
      const broker = openBroker(":memory:")
      await broker.close()
      const error = await refusal(() => use(broker))
      expect(error).toBeInstanceOf(BrokerClosedError)
      expect(error.message).toMatch(/closed/)
    })
  }

  test("makes channels that were taken before say so too", async () => {
    const broker = openBroker(":memory:")
    const queue = broker.queue("orders")
    const topic = broker.topic("prices")
    const log = broker.partitioned("log", { partitions: 1 })
    const channel = broker.requestReply("asking")
    await queue.send("a")
    const [delivery] = queue.receive()
    await broker.close()
    const calls: (() => unknown)[] = [
      () => queue.send("a"),
      () => queue.sendMany(["a"]),
      () => queue.consume(() => {}),
      () => queue.receive(),
      () => queue.deadLetters.list(),
      () => queue.deadLetters.redrive(),
      () => queue.deadLetters.discard(),
      () => topic.publish("a"),
      () => topic.publishMany(["a"]),
      () => topic.subscribe("s", () => {}),
      () => topic.createSubscription("s"),
      () => topic.deleteSubscription("s"),
      () => log.send("a", { key: "k" }),
      () => log.consume("g", () => {}),
      () => log.seek("g", "earliest"),
      () => channel.request(1, { timeoutMs: 10 }),
      () => channel.respond(() => 1),
      () => delivery?.ack(),
      () => delivery?.extend(1_000),
    ]
    for (const [index, call] of calls.entries()) {
      expect(`${index} ${(await refusal(call)).name}`).toBe(`${index} BrokerClosedError`)
    }
  })
})

describe("stop() of a consumer", () => {
  test("waits for its handlers and takes no more; the rest stays for others", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue<string>("orders")
    const finish = gate()
    const handled: string[] = []
    const consumer = queue.consume(
      async (message) => {
        await finish.opened
        handled.push(message.body)
      },
      { concurrency: 2 },
    )
    await queue.sendMany(["a", "b", "c", "d"])
    await here.clock.settle()
    const stopping = consumer.stop()
    await here.clock.settle()
    finish.open()
    await here.clock.settle()
    await settles(stopping, "stop()")
    expect(handled).toEqual(["a", "b"])
    expect(consumer.inFlight).toBe(0)
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, ready: 2 })
    await consumer.stop()
  })

  test("with a grace waits no longer; the message is delivered again and the late return changes nothing", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue<string>("orders")
    const finish = gate()
    const acked = eventsOf(here.broker, "acked")
    const consumer = queue.consume(() => finish.opened, { leaseMs: 5_000 })
    await queue.send("a")
    await here.clock.settle()
    const stopping = consumer.stop({ graceMs: 500 })
    await here.clock.advance(500)
    await settles(stopping, "stop() with a grace")
    await here.clock.advance(5_000)
    const [again] = queue.receive()
    expect(again?.attempt).toBe(2)
    finish.open()
    await here.clock.settle()
    expect(acked.items).toHaveLength(0)
    again?.ack()
  })

  test("is what `await using` does at the end of a block", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue("orders")
    {
      await using consumer = queue.consume(() => {})
      expect(consumer.inFlight).toBe(0)
    }
    await queue.send("a")
    await here.clock.advance(1_000)
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, ready: 1 })
  })

  test("inside its own handler does not wait for itself for ever", async () => {
    await using here = timedBroker()
    const queue = here.broker.queue<string>("orders")
    const handled: string[] = []
    let stopping: Promise<void> | undefined
    const consumer = queue.consume((message) => {
      handled.push(message.body)
      stopping = consumer.stop()
    })
    await queue.sendMany(["a", "b"])
    await here.clock.advance(1_000)
    await settles(stopping ?? Promise.reject(new Error("never called")), "stop() called by the handler")
    expect(handled).toEqual(["a"])
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, ready: 1 })
  })
})

test("a handle that its owner closes refuses what waited for its commit, and what comes after", async () => {
  await using here = workspace()
  const database = new BetterSqlite3(here.path())
  await using broker = openBroker(database)
  const queue = broker.queue<string>("orders")
  await queue.send("stored")
  const waiting = queue.send("too late")
  database.close()
  const errors = await Promise.all([waiting, queue.send("later still")].map((send) => send.catch((error: unknown) => error)))
  for (const error of errors) expect(error).toBeInstanceOf(BrokerClosedError)
  expect(queueCounts(here.open(), "orders")).toEqual({ ...nothing, ready: 1 })
})
