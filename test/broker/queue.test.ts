import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { type Message, openBroker } from "#waystation"
import { nothing, queueCounts } from "./support/counts.ts"
import { bodiesOf } from "./support/received.ts"
import { eventsOf, gate, recording } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe("sending", () => {
  test("send() resolves with a UUIDv7, or with the id that the sender gave", async () => {
    await using here = workspace()
    const orders = here.open().queue("orders")
    expect(await orders.send({ total: 3 })).toMatch(uuidV7)
    expect(await orders.send({ total: 4 }, { id: "order-4" })).toBe("order-4")
  })

  test("when send() resolves, another connection to the file sees the message", async () => {
    await using here = workspace()
    const orders = here.open().queue("orders")
    const elsewhere = here.open().queue("orders")
    const id = await orders.send("first")
    expect(elsewhere.receive({ max: 10 }).map((delivery) => delivery.id)).toEqual([id])
  })

  test("sends of one turn of the event loop share one commit", async () => {
    await using here = workspace()
    const statements: string[] = []
    const database = new BetterSqlite3(here.path(), { verbose: (sql) => statements.push(String(sql)) })
    {
      await using broker = openBroker(database)
      const orders = broker.queue("orders")
      statements.length = 0
      await Promise.all(Array.from({ length: 100 }, (_, number) => orders.send(number)))
      expect(statements.filter((sql) => /^\s*commit/i.test(sql))).toHaveLength(1)
    }
    database.close()
  })

  test("one bad message among the sends of a turn does not take the others with it", async () => {
    await using here = workspace()
    const orders = here.open().queue("orders")
    const outcomes = await Promise.allSettled([orders.send("first"), (async () => orders.send(Number.NaN))(), orders.send("third")])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"])
    expect(bodiesOf(orders.receive({ max: 10 }))).toEqual(["first", "third"])
  })

  test("the message is as it was when send() was called, whatever the sender does to the body afterwards", async () => {
    await using here = workspace()
    const orders = here.open().queue("orders")
    const order = { lines: ["tea"] }
    const bytes = Uint8Array.of(1, 2, 3)
    const headers = { tenant: "a" }
    const sent = [orders.send(order, { headers }), orders.send(bytes)]
    order.lines.push("cake")
    bytes[0] = 9
    headers.tenant = "b"
    await Promise.all(sent)
    const [first, second] = orders.receive({ max: 10 })
    expect(first?.body).toEqual({ lines: ["tea"] })
    expect(first?.headers).toEqual({ tenant: "a" })
    expect(second?.body).toEqual(Uint8Array.of(1, 2, 3))
  })

  test("sendMany() takes bodies and pairs of body and options, and resolves with the ids in that order", async () => {
    await using here = workspace()
    const orders = here.open().queue<unknown>("orders")
    const ids = await orders.sendMany(["plain", ["paired", { id: "second", key: "k", headers: { from: "test" } }], [1, 2, 3]])
    expect(ids).toHaveLength(3)
    expect(ids[1]).toBe("second")
    const received = orders.receive({ max: 10 })
    expect(received.map(({ id, body, key }) => ({ id, body, key }))).toEqual([
      { id: ids[0], body: "plain", key: undefined },
      { id: "second", body: "paired", key: "k" },
      { id: ids[2], body: [1, 2, 3], key: undefined },
    ])
    expect(received[1]?.headers).toEqual({ from: "test" })
  })

  test("sendMany() reads any iterable once, and an empty one sends nothing", async () => {
    await using here = workspace()
    const orders = here.open().queue<number>("orders")
    function* numbers() {
      yield 1
      yield 2
    }
    expect(await orders.sendMany(numbers())).toHaveLength(2)
    expect(await orders.sendMany([])).toEqual([])
    expect(bodiesOf(orders.receive({ max: 10 }))).toEqual([1, 2])
  })

  test("sendMany() sends all or nothing: a bad item or a failing iterator leaves nothing behind", async () => {
    await using here = workspace()
    const broker = here.open()
    const orders = broker.queue<unknown>("orders")
    function* failing() {
      yield 1
      throw new Error("the source broke")
    }
    await expect((async () => orders.sendMany([1, Number.NaN, 3]))()).rejects.toThrow(/JSON/)
    await expect((async () => orders.sendMany(failing()))()).rejects.toThrow("the source broke")
    expect(queueCounts(broker, "orders")).toEqual(nothing)
  })

  test("messages of one sender keep the order of its calls, over send() and sendMany(), awaited or not", async () => {
    await using here = workspace()
    const orders = here.open().queue<number>("orders")
    const sent: Promise<unknown>[] = []
    let next = 0
    for (let round = 0; round < 20; round++) {
      sent.push(orders.send(next++))
      sent.push(orders.sendMany([next++, [next++, {}], next++]))
      if (round % 3 === 0) await sent.at(-1)
      if (round % 4 === 0) await orders.send(next++)
    }
    await Promise.all(sent)
    expect(bodiesOf(orders.receive({ max: 200 }))).toEqual(Array.from({ length: next }, (_, number) => number))
  })
})

describe("consuming", () => {
  test("a message arrives with all that was sent, its attempt and its time", async () => {
    await using here = workspace()
    const orders = here.open().queue("orders")
    const arrived = recording<Message<unknown>>()
    const before = Date.now()
    const id = await orders.send({ order: 7, lines: [{ dish: "비빔밥" }] }, { key: "customer-1", headers: { "trace-id": "t", empty: "" } })
    const after = Date.now()
    orders.consume((message) => arrived.add({ ...message }))
    const [message] = await arrived.reaches(1)
    expect(message).toMatchObject({ id, channel: "orders", key: "customer-1", attempt: 1, body: { order: 7, lines: [{ dish: "비빔밥" }] } })
    expect(message?.headers).toEqual({ "trace-id": "t", empty: "" })
    expect(message?.sentAt).toBeGreaterThanOrEqual(before)
    expect(message?.sentAt).toBeLessThanOrEqual(after)
    expect(message?.partition).toBe(undefined)
    expect(message?.offset).toBe(undefined)
  })

  test("returning from the handler acknowledges, and not before a promise that it returns has resolved", async () => {
    await using here = workspace()
    const broker = here.open()
    const orders = broker.queue("orders")
    const acked = eventsOf(broker, "acked")
    const started = gate()
    const finish = gate()
    const consumer = orders.consume(async () => {
      started.open()
      await finish.opened
    })
    await orders.send("slow")
    await started.opened
    expect(queueCounts(broker, "orders")).toEqual({ ...nothing, inFlight: 1 })
    expect(consumer.inFlight).toBe(1)
    expect(acked.items).toHaveLength(0)
    finish.open()
    await acked.reaches(1)
    expect(queueCounts(broker, "orders")).toEqual(nothing)
    expect(consumer.inFlight).toBe(0)
  })

  test("each message is handled by one of the competing consumers, on one connection or on several", async () => {
    await using here = workspace()
    const [first, second] = [here.open(), here.open()]
    const handled = recording<{ body: unknown; by: string }>()
    const acked = eventsOf([first, second], "acked")
    first.queue("orders").consume((message) => handled.add({ body: message.body, by: "a" }))
    first.queue("orders").consume((message) => handled.add({ body: message.body, by: "b" }), { concurrency: 3 })
    second.queue("orders").consume((message) => handled.add({ body: message.body, by: "c" }))
    const bodies = Array.from({ length: 300 }, (_, number) => number)
    await first.queue<number>("orders").sendMany(bodies)
    await acked.reaches(300)
    expect(handled.items.map((item) => item.body).sort((a, b) => Number(a) - Number(b))).toEqual(bodies)
    expect(queueCounts(first, "orders")).toEqual(nothing)
  })

  test("a consumer with concurrency 1 handles messages one at a time in the order in which they were sent", async () => {
    await using here = workspace()
    const orders = here.open().queue<number>("orders")
    const handled = recording<number>()
    let running = 0
    orders.consume(async (message) => {
      expect(++running).toBe(1)
      await Promise.resolve()
      running--
      handled.add(message.body)
    })
    const bodies = Array.from({ length: 100 }, (_, number) => number)
    await Promise.all(bodies.map((body) => orders.send(body)))
    expect(await handled.reaches(100)).toEqual(bodies)
  })

  test("concurrency is used in full and never exceeded", async () => {
    await using here = workspace()
    const orders = here.open().queue("orders")
    const started = recording()
    const finish = gate()
    let running = 0
    let most = 0
    const consumer = orders.consume(
      async (message) => {
        most = Math.max(most, ++running)
        started.add(message.body)
        await finish.opened
        running--
      },
      { concurrency: 4 },
    )
    await orders.sendMany(Array.from({ length: 12 }, (_, number) => number))
    await started.reaches(4)
    expect(consumer.inFlight).toBe(4)
    finish.open()
    await started.reaches(12)
    expect(most).toBe(4)
  })

  test("a delivery that never ends holds up only its own place: the others go on", async () => {
    await using here = workspace()
    const orders = here.open().queue("orders")
    const handled = recording()
    const finish = gate()
    orders.consume((message) => (message.body === "stuck" ? finish.opened : handled.add(message.body)), { concurrency: 2 })
    await orders.sendMany(["stuck", "a", "b", "c"])
    expect(await handled.reaches(3)).toEqual(["a", "b", "c"])
    finish.open()
  })

  test("one queue asked for twice is one queue", async () => {
    await using here = workspace()
    const broker = here.open()
    await broker.queue("orders").send("x")
    expect(broker.queue("orders").name).toBe("orders")
    expect(broker.queue("orders").receive({ max: 10 })).toHaveLength(1)
  })

  test("messages outlive the broker that sent them", async () => {
    await using here = workspace()
    const first = here.open()
    const id = await first.queue("orders").send(Uint8Array.of(0, 255), { key: "k", headers: { a: "b" } })
    await first.close()
    const [message] = here.open().queue("orders").receive({ max: 10 })
    expect(message).toMatchObject({ id, body: Uint8Array.of(0, 255), key: "k", headers: { a: "b" }, attempt: 1 })
  })

  test("a broker in memory works the same, and is nobody else's", async () => {
    await using one = openBroker(":memory:")
    await using other = openBroker(":memory:")
    await one.queue("orders").send("mine")
    expect(other.queue("orders").receive({ max: 10 })).toHaveLength(0)
    expect(bodiesOf(one.queue("orders").receive({ max: 10 }))).toEqual(["mine"])
  })
})
