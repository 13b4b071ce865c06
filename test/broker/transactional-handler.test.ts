import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import {
  type Broker,
  type ConsumeOptions,
  type Database,
  type DeadLetters,
  type Message,
  openBroker,
  type TransactionalHandler,
} from "#waystation"
import { virtualClock } from "#waystation/testing"
import { groupState, nothing, queueCounts } from "./support/counts.ts"
import { bodiesOf } from "./support/received.ts"
import { timedBroker } from "./support/timed.ts"
import { recording } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

const longMs = 60_000
const transactional = { transactional: true } as const

function withTable() {
  const here = timedBroker()
  here.broker.database.exec("CREATE TABLE effect (message_id TEXT PRIMARY KEY, attempt INTEGER NOT NULL) STRICT")
  return here
}

function record(database: Database, message: Message<string>): void {
  database.prepare("INSERT INTO effect (message_id, attempt) VALUES (?, ?)").run(message.id, message.attempt)
}

function effects(broker: Broker): unknown[] {
  return broker.database.prepare("SELECT message_id AS id, attempt FROM effect ORDER BY rowid").all()
}

interface Channel {
  send(broker: Broker, body: string, id: string): Promise<string>
  consume(broker: Broker, handler: TransactionalHandler<string>, options?: ConsumeOptions): void
  deadLetters(broker: Broker): DeadLetters<unknown>
}

const channels: Record<string, Channel> = {
  "a queue": {
    send: (broker, body, id) => broker.queue<string>("in").send(body, { id }),
    consume: (broker, handler, options) => broker.queue<string>("in").consume(handler, { ...options, ...transactional }),
    deadLetters: (broker) => broker.queue("in").deadLetters,
  },
  "a subscription": {
    send: (broker, body, id) => broker.topic<string>("in").publish(body, { id }),
    consume: (broker, handler, options) => broker.topic<string>("in").subscribe("s", handler, { ...options, ...transactional }),
    deadLetters: (broker) => broker.topic("in").deadLetters("s"),
  },
  "a consumer group": {
    send: (broker, body, id) => broker.partitioned<string>("in", { partitions: 2 }).send(body, { id, key: "k" }),
    consume: (broker, handler, options) =>
      broker.partitioned<string>("in", { partitions: 2 }).consume("g", handler, { ...options, ...transactional }),
    deadLetters: (broker) => broker.partitioned("in", { partitions: 2 }).deadLetters("g"),
  },
}

for (const [kind, channel] of Object.entries(channels)) {
  describe(`a transactional handler of ${kind}`, () => {
    test("runs with the database in ONE transaction with its effect, its sends and the acknowledgement", async () => {
      await using here = withTable()
      channel.consume(here.broker, (message, database) => {
        expect(database).toBe(here.broker.database)
        expect(database.inTransaction).toBe(true)
        record(database, message)
        here.broker.queue<string>("out").send(`${message.body} done`)
      })
      await channel.send(here.broker, "a", "1")
      await here.clock.advance(1_000)
      expect(effects(here.broker)).toEqual([{ id: "1", attempt: 1 }])
      expect(bodiesOf(here.broker.queue("out").receive({ max: 10 }))).toEqual(["a done"])
    })

    test("that throws leaves neither effect nor sends, and is tried again", async () => {
      await using here = withTable()
      channel.consume(here.broker, (message, database) => {
        record(database, message)
        here.broker.queue<string>("out").send(`${message.body} of attempt ${message.attempt}`)
        if (message.attempt < 3) throw new Error("after the effect")
      })
      await channel.send(here.broker, "a", "1")
      await here.clock.advance(longMs)
      expect(effects(here.broker)).toEqual([{ id: "1", attempt: 3 }])
      expect(bodiesOf(here.broker.queue("out").receive({ max: 10 }))).toEqual(["a of attempt 3"])
    })

    test("that always throws ends as a dead letter without an effect", async () => {
      await using here = withTable()
      const attempts = recording<number>()
      const handler: TransactionalHandler<string> = (message, database) => {
        attempts.add(message.attempt)
        record(database, message)
        throw new Error("always")
      }
      channel.consume(here.broker, handler, { attemptsMax: 3 })
      await channel.send(here.broker, "a", "1")
      await here.clock.advance(longMs)
      expect(attempts.items).toEqual([1, 2, 3])
      expect(effects(here.broker)).toEqual([])
    })

    test("that returns a promise is a failure that says so: nothing of it is kept or acknowledged", async () => {
      await using here = withTable()
      const handler: TransactionalHandler<string> = async (message, database) => record(database, message)
      channel.consume(here.broker, handler, { attemptsMax: 2 })
      await channel.send(here.broker, "a", "1")
      await here.clock.advance(longMs)
      expect(effects(here.broker)).toEqual([])
      const letters = channel.deadLetters(here.broker).list()
      expect(letters).toHaveLength(1)
      expect(letters[0]?.reason).toMatch(/synchronous|promise/i)
    })
  })
}

describe("a transactional handler", () => {
  test("of a process that dies right after the commit has its effect once: the acknowledgement was in it", async () => {
    await using here = workspace()
    const [clock, clockOfTheDead] = [virtualClock(), virtualClock()]
    let effect = false
    let dead = false
    // From the commit of the effect on, no statement reaches the file any more.
    const database = new BetterSqlite3(here.path(), {
      verbose: (sql) => {
        if (dead) throw new Error("the process is dead")
        effect ||= String(sql).startsWith("INSERT INTO effect")
        dead = effect && /^\s*COMMIT/i.test(String(sql))
      },
    })
    database.exec("CREATE TABLE effect (message_id TEXT, attempt INTEGER)")
    const dying = openBroker(database, { clock: clockOfTheDead })
    dying.queue<string>("in").consume((message, connection) => record(connection, message), transactional)
    await dying.queue<string>("in").send("a", { id: "1" })
    // What it tries after its death fails, and nobody is there to hear of it.
    await clockOfTheDead.settle().catch(() => {})
    expect(dead).toBe(true)

    const survivor = here.open({ clock })
    survivor.queue<string>("in").consume((message, connection) => record(connection, message), transactional)
    await clock.advance(longMs)
    expect(effects(survivor)).toEqual([{ id: "1", attempt: 1 }])
    dead = false
    effect = false
    await dying.close()
    database.close()
  })

  test("handles many messages, each in its own transaction: one failure takes back no other", async () => {
    await using here = withTable()
    const queue = here.broker.queue<string>("in")
    queue.consume(
      (message: Message<string>, database: Database) => {
        record(database, message)
        if (message.body === "bad") throw new Error("bad")
      },
      { ...transactional, attemptsMax: 1, concurrency: 4 },
    )
    await queue.sendMany([
      ["a", { id: "1" }],
      ["bad", { id: "2" }],
      ["b", { id: "3" }],
    ])
    await here.clock.advance(longMs)
    expect(effects(here.broker)).toEqual([
      { id: "1", attempt: 1 },
      { id: "3", attempt: 1 },
    ])
    expect(queueCounts(here.broker, "in")).toEqual({ ...nothing, dead: 1 })
  })

  test("that moves messages from one partitioned channel to another commits its place with them", async () => {
    await using here = withTable()
    const source = here.broker.partitioned<string>("source", { partitions: 1 })
    const target = here.broker.partitioned<string>("target", { partitions: 1 })
    const handler = (message: Message<string>) => {
      target.send(message.body, { key: "k" })
      if (message.body === "b" && message.attempt === 1) throw new Error("once")
    }
    source.consume("mover", handler, transactional)
    await source.sendMany(["a", "b", "c"].map((body): [string, { key: string }] => [body, { key: "k" }]))
    await here.clock.advance(longMs)
    expect(groupState(here.broker, "source", "mover").lag).toBe(0)
    const moved: string[] = []
    target.consume("reader", (message) => moved.push(message.body))
    await here.clock.advance(longMs)
    expect(moved).toEqual(["a", "b", "c"])
  })

  test("a bad message sent from it fails the handler, and nothing is acknowledged", async () => {
    await using here = withTable()
    const queue = here.broker.queue<string>("in")
    const out = here.broker.queue<unknown>("out")
    const handler = (message: Message<string>, database: Database) => {
      record(database, message)
      out.send("good")
      out.send(() => "not JSON")
    }
    queue.consume(handler, { ...transactional, attemptsMax: 1 })
    await queue.send("a", { id: "1" })
    await here.clock.advance(longMs)
    expect(effects(here.broker)).toEqual([])
    expect(queueCounts(here.broker, "out")).toEqual(nothing)
    expect(queueCounts(here.broker, "in")).toEqual({ ...nothing, dead: 1 })
  })
})
