import { execFileSync } from "node:child_process"
import { closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs"
import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { createOutbox, type Outbox } from "#waystation"
import { program } from "./support/programs.ts"
import { Service } from "./support/service.ts"
import { tail } from "./support/tail.ts"

const orderIds = (count: number, from = 1) => Array.from({ length: count }, (_, index) => `order-${from + index}`)

/** What stands in a log, and would be published by a reader that takes it at its word. */
describe("what stands in the log and was never committed", () => {
  /**
   * What the next transaction would append to the log: it is made in a copy of the files. The copying is another process's
   * work, since opening the database file here would drop SQLite's locks on it.
   */
  function nextTransaction(
    service: Service,
    work: (database: BetterSqlite3.Database, outbox: Outbox) => void,
  ): { at: number; bytes: Buffer } {
    const copy = `${service.directory}/copy.db`
    execFileSync("cp", [service.path, copy])
    execFileSync("cp", [`${service.path}-wal`, `${copy}-wal`])
    const before = readFileSync(`${copy}-wal`)
    const database = new BetterSqlite3(copy)
    database.pragma("wal_autocheckpoint = 0")
    work(database, createOutbox(database))
    const after = readFileSync(`${copy}-wal`)
    const at = after.findIndex((byte, index) => byte !== before[index])
    database.close()
    return { at, bytes: after.subarray(at) }
  }

  function writeIntoLog(service: Service, { at, bytes }: { at: number; bytes: Buffer }): void {
    const log = openSync(`${service.path}-wal`, "r+")
    writeSync(log, bytes, 0, bytes.length, at)
    closeSync(log)
  }

  test("a commit frame that no reader sees yet is not believed, and what overwrites it is", async () => {
    using service = new Service()
    await using tailer = tail(service)
    service.place(1)
    await tailer.idle()
    await tailer.relay.stop()
    const placed = nextTransaction(service, (database, outbox) => service.place(666, outbox, database))
    writeIntoLog(service, placed)

    await using again = tail(service)
    await again.idle()
    await again.idle()
    expect(again.publisher.ids).toEqual([])
    service.place(2)
    await again.idle()
    expect(again.publisher.ids).toEqual(["order-2"])
  })

  test("pages of a transaction that is still open, or was rolled back after they had reached the log", async () => {
    using service = new Service()
    await using tailer = tail(service)
    const writer = service.connect()
    // A cache of a few pages: a large transaction writes to the log long before it ends.
    writer.pragma("cache_size = 5")
    writer.pragma("cache_spill = ON")
    const outbox = createOutbox(writer)
    service.place(1)
    await tailer.idle()
    for (const end of ["ROLLBACK", "COMMIT"]) {
      writer.exec("BEGIN IMMEDIATE")
      for (let number = 0; number < 200; number++) outbox.send("orders", `${end} ${"x".repeat(2_000)}`, { id: `${end}-${number}` })
      expect(readFileSync(`${service.path}-wal`).includes(`${end}-150`)).toBe(true)
      await tailer.idle()
      expect(tailer.publisher.ids).toEqual(["order-1"])
      writer.exec(end)
    }
    service.place(2)
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual(["order-1", ...Array.from({ length: 200 }, (_, number) => `COMMIT-${number}`), "order-2"])
  })

  test("rows of a savepoint that was undone", async () => {
    using service = new Service()
    await using tailer = tail(service)
    await tailer.idle()
    const { database, outbox } = service
    database.pragma("cache_size = 5")
    database.exec("BEGIN IMMEDIATE")
    for (let round = 0; round < 5; round++) {
      outbox.send("orders", "x".repeat(3_000), { id: `kept-${round}` })
      database.exec("SAVEPOINT attempt")
      for (let number = 0; number < 50; number++) outbox.send("orders", "y".repeat(3_000), { id: `undone-${round}-${number}` })
      database.exec("ROLLBACK TO attempt; RELEASE attempt")
    }
    database.exec("COMMIT")
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual(["kept-0", "kept-1", "kept-2", "kept-3", "kept-4"])
  })

  test("rows that were deleted in the transaction that made them: their pages are in the log as they were", async () => {
    using service = new Service()
    await using tailer = tail(service)
    await tailer.idle()
    tailer.asked()
    const { database, outbox } = service
    database.exec("BEGIN IMMEDIATE")
    for (let number = 0; number < 200; number++) outbox.send("orders", "x".repeat(500), { id: `deleted-${number}` })
    // Inside a savepoint SQLite writes freed pages too, unchanged.
    database.exec("SAVEPOINT s; DELETE FROM waystation_outbox; RELEASE s; COMMIT")
    const log = readFileSync(`${service.path}-wal`)
    expect(log.includes("deleted-150")).toBe(true)
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual([])
    expect(tailer.asked()).toBe(1)
    service.place(1)
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual(["order-1"])
  })
})

describe("what looks like a row of the outbox and is none", () => {
  const copyTable = (service: Service) =>
    service.database.exec(
      "CREATE TABLE archive (position INTEGER PRIMARY KEY, marker, message_id, channel, key, headers, sent_at INTEGER, delay_ms INTEGER, body)",
    )

  test("rows of another table of the same shape, with positions that come next", async () => {
    using service = new Service()
    await using tailer = tail(service)
    copyTable(service)
    await tailer.idle()
    const forge = service.database.prepare("INSERT INTO archive VALUES (?, 'waystation.outbox', ?, 'orders', NULL, NULL, 0, 0, '1')")
    for (let position = 1; position <= 20; position++) forge.run(position, `forged-${position}`)
    await tailer.idle()
    service.place(1)
    await tailer.idle()
    for (let position = 2; position <= 20; position++) forge.run(100 + position, `forged-${position}`)
    service.place(2)
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual(["order-1", "order-2"])
  })

  test("a copy of each row, made by a trigger in the same transaction", async () => {
    using service = new Service()
    copyTable(service)
    service.database.exec(
      "CREATE TRIGGER archiving AFTER INSERT ON waystation_outbox BEGIN INSERT INTO archive SELECT * FROM waystation_outbox WHERE position = new.position; END",
    )
    await using tailer = tail(service)
    for (let id = 1; id <= 20; id++) {
      service.place(id)
      if (id % 4 === 0) await tailer.idle()
    }
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual(orderIds(20))
  })

  test("tables with large rowids, long headers and many columns", async () => {
    using service = new Service()
    const { database } = service
    database.exec("CREATE TABLE snowflake (id INTEGER PRIMARY KEY, text)")
    database.exec(`CREATE TABLE wide (${Array.from({ length: 1_500 }, (_, column) => `c${column}`).join(", ")})`)
    await using tailer = tail(service)
    await tailer.idle()
    tailer.asked()
    const snowflake = database.prepare("INSERT INTO snowflake VALUES (?, ?)")
    const wide = database.prepare(`INSERT INTO wide VALUES (${Array.from({ length: 1_500 }, () => "?").join(", ")})`)
    for (let id = 1; id <= 5; id++) {
      database.transaction(() => {
        for (const huge of [2n ** 62n, 2n ** 55n, -(2n ** 40n)]) snowflake.run(huge + BigInt(id), "x".repeat(1_000 * id))
        wide.run(...Array.from({ length: 1_500 }, (_, column) => `${column}`.repeat(100)))
        service.outbox.send("orders", id, { id: `order-${id}` })
      })()
      await tailer.idle()
    }
    expect(tailer.publisher.ids).toEqual(orderIds(5))
    expect(tailer.asked()).toBe(0)
  })
})

describe("the log is restarted", () => {
  test.each([1, 7])("by a checkpoint at every %i pages", async (pages) => {
    using service = new Service()
    service.database.pragma(`wal_autocheckpoint = ${pages}`)
    await using tailer = tail(service)
    for (let id = 1; id <= 200; id++) {
      service.place(id)
      if (id % 3 === 0) await tailer.idle()
    }
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual(orderIds(200))
  })

  test.each(["RESTART", "TRUNCATE", "FULL", "PASSIVE"])(
    "by a checkpoint of kind %s, before and after the relay has read it",
    async (kind) => {
      using service = new Service()
      await using tailer = tail(service)
      for (let id = 1; id <= 40; id++) {
        service.place(id)
        if (id % 4 > 1) service.database.pragma(`wal_checkpoint(${kind})`)
        if (id % 4 > 2) service.place(1_000 + id)
        if (id % 2 > 0) await tailer.idle()
      }
      await tailer.idle()
      const expected = Array.from({ length: 40 }, (_, index) => index + 1).flatMap((id) => (id % 4 > 2 ? [id, 1_000 + id] : [id]))
      expect(tailer.publisher.ids).toEqual(expected.map((id) => `order-${id}`))
    },
  )

  test("by VACUUM, which moves every page", async () => {
    using service = new Service()
    await using tailer = tail(service)
    for (let id = 1; id <= 30; id++) {
      service.place(id)
      if (id % 5 === 0) service.database.exec("VACUUM")
      if (id % 2 === 0) await tailer.idle()
    }
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual(orderIds(30))
  })

  test("by leaving WAL mode and coming back: the log is deleted and made anew", async () => {
    using service = new Service()
    const [first, second] = [tail(service), tail(service)]
    for (let id = 1; id <= 5; id++) service.place(id)
    await first.idle()
    await second.relay.stop()
    await second[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()
    service.database.pragma("journal_mode = DELETE")
    expect(() => statSync(`${service.path}-wal`)).toThrow(/ENOENT/)
    service.place(6)
    service.database.pragma("journal_mode = WAL")
    service.place(7)
    await using third = tail(service)
    await third.idle()
    expect([...first.publisher.ids, ...second.publisher.ids, ...third.publisher.ids].sort()).toEqual(orderIds(7))
  })
})

// Four processes start here, one after the other.
test("reading and watching the log lets go of none of SQLite's locks", { timeout: 30_000 }, async () => {
  using service = new Service()
  await using tailer = program("tailer", service.path)
  await tailer.says("locked")
  const other = service.connect()
  other.pragma("busy_timeout = 0")
  for (let visits = 0; visits < 3; visits++) {
    // A watcher may open what another process has touched. When it closes that again, the locks on it are gone.
    await program("visitor", service.path).ended
    expect(() => other.exec("BEGIN IMMEDIATE")).toThrow(/locked/)
  }
  await tailer.finish()
})
