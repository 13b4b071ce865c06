import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { type Broker, type Database, openBroker } from "#waystation"
import { nothing, queueCounts } from "./support/counts.ts"
import { bodiesOf } from "./support/received.ts"
import { timedBroker } from "./support/timed.ts"
import { eventsOf, recording, settles } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

function withTable() {
  const here = timedBroker()
  here.broker.database.exec("CREATE TABLE ticket (id INTEGER PRIMARY KEY, dish TEXT NOT NULL)")
  return { ...here, orders: here.broker.queue<string>("orders") }
}

function insert(database: Database, dish: string): void {
  database.prepare("INSERT INTO ticket (dish) VALUES (?)").run(dish)
}

function dishes(broker: Broker): unknown[] {
  return broker.database.prepare("SELECT dish FROM ticket ORDER BY id").pluck().all()
}

class LazyQuery {
  // biome-ignore lint/suspicious/noThenProperty: this is what such queries have
  then(): never {
    throw new Error("the query ran")
  }
}

function fails(work: () => unknown, message: string): void {
  expect(work).toThrow(message)
}

describe("broker.transaction()", () => {
  test("commits rows and sends together and returns what the work returned", async () => {
    await using here = withTable()
    const sent: Promise<string>[] = []
    const result = here.broker.transaction((database) => {
      expect(database).toBe(here.broker.database)
      expect(database.inTransaction).toBe(true)
      insert(database, "soup")
      sent.push(here.orders.send("soup", { id: "order-1" }))
      sent.push(here.broker.queue<string>("audit").send("soup"))
      return 42
    })
    expect(result).toBe(42)
    expect(here.broker.database.inTransaction).toBe(false)
    // Committed with the transaction: nothing needs to be awaited.
    expect(queueCounts(here.broker, "orders")).toEqual({ ...nothing, ready: 1 })
    expect(queueCounts(here.broker, "audit")).toEqual({ ...nothing, ready: 1 })
    expect(dishes(here.broker)).toEqual(["soup"])
    expect(await sent[0]).toBe("order-1")
    await sent[1]
  })

  test("that throws takes rows and sends back, and throws the same", async () => {
    await using here = withTable()
    const sent: Promise<unknown>[] = []
    const error = new Error("no such dish")
    let thrown: unknown
    try {
      here.broker.transaction((database) => {
        insert(database, "soup")
        sent.push(here.orders.send("soup"))
        sent.push(here.orders.sendMany(["a", "b"]))
        sent.push(here.broker.topic<string>("news").publish("soup"))
        sent.push(here.broker.partitioned<string>("log", { partitions: 1 }).send("soup", { key: "k" }))
        throw error
      })
    } catch (caught) {
      thrown = caught
    }
    expect(thrown).toBe(error)
    await settles(Promise.allSettled(sent), "the promises of sends that were rolled back")
    await here.clock.advance(1_000)
    expect(dishes(here.broker)).toEqual([])
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
    expect(here.broker.database.inTransaction).toBe(false)
  })

  test("a channel first used in a transaction that was rolled back works afterwards", async () => {
    await using here = withTable()
    fails(() => {
      here.broker.transaction(() => {
        here.broker.queue("fresh").send("gone")
        here.broker.topic("news").createSubscription("audit")
        throw new Error("back")
      })
    }, "back")
    await here.broker.queue("fresh").send("kept")
    expect(bodiesOf(here.broker.queue("fresh").receive({ max: 10 }))).toEqual(["kept"])
    here.broker.topic("news").createSubscription("audit")
    await here.broker.topic("news").publish("kept")
    expect(here.broker.inspect().topics[0]?.subscriptions[0]?.ready).toBe(1)
  })

  test("inside another is a savepoint: its failure, caught, takes back only its own part", async () => {
    await using here = withTable()
    here.broker.transaction((database) => {
      insert(database, "outer")
      here.orders.send("outer")
      fails(() => {
        here.broker.transaction(() => {
          insert(database, "inner")
          here.orders.send("inner")
          throw new Error("only me")
        })
      }, "only me")
      here.broker.transaction(() => void here.orders.send("second inner"))
    })
    await here.clock.settle()
    expect(dishes(here.broker)).toEqual(["outer"])
    expect(bodiesOf(here.orders.receive({ max: 10 }))).toEqual(["outer", "second inner"])
  })

  test("inside another is undone with it, although it succeeded", async () => {
    await using here = withTable()
    fails(() => {
      here.broker.transaction((database) => {
        here.broker.transaction(() => {
          insert(database, "inner")
          here.orders.send("inner")
        })
        throw new Error("all of it")
      })
    }, "all of it")
    await here.clock.settle()
    expect(dishes(here.broker)).toEqual([])
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("refuses a promise and takes everything back, nested too", async () => {
    await using here = withTable()
    const works: (() => unknown)[] = [
      async () => void here.orders.send("late"),
      () => Promise.reject(new Error("unseen")),
      // A query that runs when somebody awaits it: to refuse it is not to run it.
      () => new LazyQuery(),
    ]
    for (const work of works) {
      const refused = () =>
        here.broker.transaction((database) => {
          insert(database, "soup")
          return work()
        })
      expect(refused).toThrow(TypeError)
      expect(refused).toThrow(/synchronous|promise/i)
      expect(() => here.broker.transaction(() => void here.broker.transaction(work))).toThrow(TypeError)
    }
    await here.clock.advance(1_000)
    expect(dishes(here.broker)).toEqual([])
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("keeps the order between sends before, in and after it", async () => {
    await using here = withTable()
    const before = here.orders.send("before")
    here.broker.transaction(() => void here.orders.send("within"))
    const after = here.orders.send("after")
    await Promise.all([before, after])
    expect(bodiesOf(here.orders.receive({ max: 10 }))).toEqual(["before", "within", "after"])
  })

  test("wakes consumers and announces its sends once it has committed, and not if it is taken back", async () => {
    await using here = withTable()
    const handled = recording<string>()
    const sent = eventsOf(here.broker, "sent")
    here.orders.consume((message) => handled.add(message.body))
    await here.clock.settle()
    fails(() => {
      here.broker.transaction(() => {
        here.orders.send("never", { id: "never" })
        throw new Error("back")
      })
    }, "back")
    here.broker.transaction(() => {
      here.orders.send("kept", { id: "kept" })
      expect(sent.items).toEqual([])
    })
    await here.clock.settle()
    expect(handled.items).toEqual(["kept"])
    expect(sent.items.map((event) => event.messageId)).toEqual(["kept"])
  })
})

describe("a transaction that the caller began on its own handle", () => {
  for (const [end, left] of [
    ["COMMIT", 1],
    ["ROLLBACK", 0],
  ] as const) {
    test(`is joined by a send: ${end} ${left ? "keeps" : "takes back"} rows and message`, async () => {
      await using here = workspace()
      const database = new BetterSqlite3(here.path())
      {
        await using broker = openBroker(database)
        database.exec("CREATE TABLE ticket (id INTEGER PRIMARY KEY, dish TEXT NOT NULL)")
        const orders = broker.queue<string>("orders")
        const sent = eventsOf(broker, "sent")
        database.exec("BEGIN")
        insert(database, "soup")
        const id = orders.send("soup", { id: "order-1" })
        expect(await settles(id, "the id of a send in the caller's transaction")).toBe("order-1")
        expect(database.inTransaction).toBe(true)
        database.exec(end)
        expect(dishes(broker)).toHaveLength(left)
        expect(queueCounts(broker, "orders")).toEqual({ ...nothing, ready: left })
        await orders.send("another")
        await sent.reaches(left + 1)
        expect(sent.items.map((event) => event.messageId === "order-1")).toEqual(left ? [true, false] : [false])
      }
      database.close()
    })
  }

  test("and took back leaves a message's place to another's, which is not taken for it", async () => {
    await using here = workspace()
    const database = new BetterSqlite3(here.path())
    {
      await using broker = openBroker(database)
      const sent = eventsOf(broker, "sent")
      const other = here.open()
      broker.queue<string>("orders")
      database.exec("BEGIN")
      const taken = broker.queue<string>("orders").send("soup", { id: "order-1" })
      database.exec("ROLLBACK")
      other.transaction(() => void other.queue<string>("orders").send("noodles", { id: "order-2" }))
      await taken
      await broker.queue<string>("orders").send("rice", { id: "order-3" })
      await sent.reaches(1)
      expect(sent.items.map((event) => event.messageId)).toEqual(["order-3"])
    }
    database.close()
  })

  test("by better-sqlite3's own transaction() is joined, and its messages reach a waiting consumer", async () => {
    await using here = workspace()
    const database = new BetterSqlite3(here.path())
    {
      await using broker = openBroker(database)
      const handled = recording<string>()
      broker.queue<string>("orders").consume((message) => handled.add(message.body))
      database.transaction(() => {
        broker.queue<string>("orders").send("first")
        broker.transaction(() => void broker.queue<string>("orders").send("second"))
      })()
      expect(await handled.reaches(2)).toEqual(["first", "second"])
    }
    database.close()
  })
})
