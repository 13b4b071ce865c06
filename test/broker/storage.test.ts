import { closeSync, copyFileSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs"
import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { BrokerError, type BrokerOptions, openBroker } from "#waystation"
import { queueCounts } from "./support/counts.ts"
import { recording, refusal } from "./support/waiting.ts"
import { type Workspace, workspace } from "./support/workspace.ts"

describe("a file that the broker opens", () => {
  test("is made if it is not there, and an empty one is taken as new", async () => {
    await using here = workspace()
    await here.open().queue("orders").send("a")
    expect(existsSync(here.path())).toBe(true)
    writeFileSync(here.path("empty.db"), "")
    await here.open({}, "empty.db").queue("orders").send("a")
  })

  test("is in WAL mode and syncs every commit, unless normal durability is asked for", async () => {
    await using here = workspace()
    for (const [options, synchronous] of [
      [{}, 2],
      [{ durability: "full" }, 2],
      [{ durability: "normal" }, 1],
    ] as [BrokerOptions, number][]) {
      const { database } = here.open(options)
      expect(database.pragma("journal_mode", { simple: true })).toBe("wal")
      expect(database.pragma("synchronous", { simple: true })).toBe(synchronous)
    }
  })

  test("keeps the user's user_version and application_id", async () => {
    await using here = workspace()
    const mine = new BetterSqlite3(here.path())
    mine.pragma("user_version = 42")
    mine.pragma("application_id = 4711")
    mine.close()
    const { database } = here.open()
    await here.open().queue("orders").send("a")
    expect(database.pragma("user_version", { simple: true })).toBe(42)
    expect(database.pragma("application_id", { simple: true })).toBe(4711)
  })

  test("written by a newer version is refused and not touched", async () => {
    await using here = workspace()
    const broker = here.open()
    await broker.queue("orders").send("a")
    broker.database.exec("UPDATE waystation_schema SET version = version + 1")
    await broker.close()
    const before = readFileSync(here.path())
    const error = await refusal(() => here.open())
    expect(error).toBeInstanceOf(BrokerError)
    expect(error.message).toMatch(/newer/)
    expect(readFileSync(here.path()).equals(before)).toBe(true)
  })

  test("holds only strict tables of its own name", async () => {
    await using here = workspace()
    const { database } = here.open()
    const tables = database
      .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
    for (const { name, strict } of tables as { name: string; strict: number }[]) {
      expect(name).toMatch(/^waystation_/)
      expect(`${name} ${strict}`).toBe(`${name} 1`)
    }
  })

  test("is whole: SQLite's own check finds nothing, after work of every kind", async () => {
    await using here = workspace()
    const broker = here.open()
    const queue = broker.queue("orders", { orderByKey: true })
    await queue.sendMany(Array.from({ length: 50 }, (_, number): [number, { key: string }] => [number, { key: `k${number % 5}` }]))
    for (const [index, delivery] of queue.receive({ max: 5 }).entries())
      [delivery.ack, delivery.nack, delivery.deadLetter][index % 3]?.call(delivery)
    expect(broker.database.pragma("integrity_check", { simple: true })).toBe("ok")
  })
})

describe("a place that no broker can be in is refused with a sentence", () => {
  const given = (value: unknown) => () => () => openBroker(value as string)
  const places: Record<string, [prepare: (here: Workspace) => () => unknown, is: RegExp, should: RegExp]> = {
    "a directory": [(here) => () => openBroker(here.directory), /directory/, /file/],
    "a path through a directory that is not there": [(here) => () => openBroker(here.path("no/broker.db")), /no.*not exist/, /director/],
    "a path through a file": [(here) => textFile(here, "x", "/broker.db"), /text/, /director|open/],
    "a text file": [(here) => textFile(here, "hello ".repeat(1_000)), /not a/, /database/],
    "a short text file": [(here) => textFile(here, "hello"), /not a/, /database/],
    "a file that can only be read": [readOnlyFile, /read/, /write|permission/],
    "an empty path": [given(""), /empty/, /path/],
    "a path with a NUL": [given("a\0b"), /NUL/, /path/],
    "a number": [given(5), /number 5/, /path/],
    nothing: [given(undefined), /undefined/, /path/],
    null: [given(null), /null/, /path/],
    "a handle that is closed": [closedHandle, /closed/, /open/],
    "a handle that can only read": [readOnlyHandle, /read/, /write|permission/],
    "an object that is no handle": [given({}), /object/, /better-sqlite3/],
  }
  for (const [what, [prepare, is, should]] of Object.entries(places)) {
    test(what, async () => {
      await using here = workspace()
      const call = prepare(here)
      const before = contents(here)
      const error = await refusal(call)
      expect(error.message).toMatch(is)
      expect(error.message).toMatch(should)
      expect(error instanceof BrokerError || error instanceof TypeError).toBe(true)
      expect(contents(here)).toBe(before)
    })
  }

  const options: Record<string, [BrokerOptions, RegExp]> = {
    "a misspelt durability": [{ durability: "ful" as never }, /"ful".*|"full" or "normal"/],
    "a misspelt option": [{ durabilty: "full" } as never, /durabilty.*durability/],
    "a body limit of nothing": [{ bodyBytesMax: 0 }, /bodyBytesMax.*1.*0/],
    "a body limit as text": [{ bodyBytesMax: "1" as never }, /bodyBytesMax.*"1"/],
    "a clock that is none": [{ clock: {} as never }, /clock.*now/],
    "chance that is a number": [{ random: 5 as never }, /random.*function.*5/],
    "options as text": ["full" as never, /object.*"full"/],
  }
  for (const [what, [given, sentence]] of Object.entries(options)) {
    test(`${what}, and no file is made`, async () => {
      await using here = workspace()
      const error = await refusal(() => here.open(given))
      expect(error.message).toMatch(sentence)
      expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
      expect(existsSync(here.path())).toBe(false)
    })
  }
})

function textFile(here: Workspace, content: string, below = ""): () => unknown {
  writeFileSync(here.path("text"), content)
  return () => openBroker(here.path("text") + below)
}

/** A database whose header says that nobody may write it: read-only for any user, the machine's first one too. */
function readOnlyFile(here: Workspace): () => unknown {
  const made = new BetterSqlite3(here.path("made.db"))
  made.exec("CREATE TABLE t (x)")
  made.close()
  copyFileSync(here.path("made.db"), here.path("r.db"))
  const file = openSync(here.path("r.db"), "r+")
  writeSync(file, Uint8Array.of(3), 0, 1, 18)
  closeSync(file)
  return () => openBroker(here.path("r.db"))
}

function closedHandle(here: Workspace): () => unknown {
  const handle = new BetterSqlite3(here.path())
  handle.close()
  return () => openBroker(handle)
}

function readOnlyHandle(here: Workspace): () => unknown {
  new BetterSqlite3(here.path()).exec("CREATE TABLE t (x)").close()
  return () => {
    const handle = new BetterSqlite3(here.path(), { readonly: true })
    try {
      return openBroker(handle)
    } finally {
      handle.close()
    }
  }
}

function contents(here: Workspace): string {
  const paths = ["broker.db", "text", "r.db"].map((name) => here.path(name)).filter(existsSync)
  return paths.map((path) => readFileSync(path).toString("hex")).join()
}

describe("the caller's own handle", () => {
  test("stays open after close(), with the caller's tables beside the broker's", async () => {
    await using here = workspace()
    const mine = new BetterSqlite3(here.path())
    mine.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (7)")
    const broker = openBroker(mine)
    expect(broker.database).toBe(mine)
    await broker.queue("orders").send("a")
    await broker.close()
    expect(mine.open).toBe(true)
    expect(mine.prepare("SELECT id FROM orders").pluck().all()).toEqual([7])
    await using again = openBroker(mine)
    expect(queueCounts(again, "orders").ready).toBe(1)
    await again.close()
    mine.close()
  })

  test("keeps its busy_timeout, its safeIntegers and its foreign_keys, and works with any of them", async () => {
    await using here = workspace()
    const mine = new BetterSqlite3(here.path(), { timeout: 1_234 })
    mine.defaultSafeIntegers(true)
    mine.pragma("foreign_keys = ON")
    const broker = openBroker(mine)
    const handled = recording<unknown>()
    const queue = broker.queue<string>("orders", { orderByKey: true })
    queue.consume((message) => handled.add([message.body, message.attempt, typeof message.sentAt]))
    await queue.send("a", { key: "k" })
    expect(await handled.reaches(1)).toEqual([["a", 1, "number"]])
    const log = broker.partitioned<string>("log", { partitions: 2 })
    log.consume("g", (message) => handled.add([message.offset, typeof message.partition]))
    await log.send("b", { key: "k" })
    expect((await handled.reaches(2))[1]).toEqual([0, "number"])
    expect(JSON.parse(JSON.stringify(broker.inspect())).queues).toHaveLength(1)
    expect(mine.pragma("busy_timeout", { simple: true })).toBe(1_234n)
    expect(mine.pragma("foreign_keys", { simple: true })).toBe(1n)
    expect(mine.prepare("SELECT 1").pluck().get()).toBe(1n)
    await broker.close()
    expect(mine.pragma("busy_timeout", { simple: true })).toBe(1_234n)
    mine.close()
  })

  test("in memory works too", async () => {
    const mine = new BetterSqlite3(":memory:")
    const broker = openBroker(mine)
    await broker.queue("orders").send("a")
    await broker.close()
    expect(mine.open).toBe(true)
    mine.close()
  })

  test("gets the durability asked for", async () => {
    await using here = workspace()
    const mine = new BetterSqlite3(here.path())
    await openBroker(mine, { durability: "normal" }).close()
    expect(mine.pragma("synchronous", { simple: true })).toBe(1)
    await openBroker(mine).close()
    expect(mine.pragma("synchronous", { simple: true })).toBe(2)
    mine.close()
  })
})
