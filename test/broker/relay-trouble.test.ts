import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { EventEmitter } from "eventemitter3"
import { describe, expect, test } from "vitest"
import { createOutbox, relayOutbox } from "#waystation"
import { sqliteError } from "../../broker/testing/database.ts"
import { CollectingPublisher, Service } from "./support/service.ts"
import { recording, refusal, settles } from "./support/waiting.ts"

const methods = ["polling", "tailing"] as const
const publisher = { publish: async () => {} }

describe("what a relay refuses when it is started", () => {
  type Case = [string, (service: Service) => unknown, string | undefined, RegExp]
  const here = (service: Service, name: string) => join(service.directory, name)
  const cases = methods.flatMap((method): Case[] => [
    [`${method}: a file that is not there`, (s) => relayOutbox(here(s, "none.db"), publisher, { method }), "CANNOT_OPEN", /does not exist/],
    [`${method}: a directory`, (s) => relayOutbox(s.directory, publisher, { method }), "CANNOT_OPEN", /is a directory: name the service's/],
    [
      `${method}: a file that is no database`,
      (s) => relayOutbox(noDatabase(s), publisher, { method }),
      "NOT_A_DATABASE",
      /is not a SQLite database/,
    ],
    [
      `${method}: a database without an outbox`,
      (s) => relayOutbox(plain(s).name, publisher, { method }),
      "NO_OUTBOX",
      /has no outbox: call createOutbox/,
    ],
    [`${method}: a handle without an outbox`, (s) => relayOutbox(plain(s), publisher, { method }), "NO_OUTBOX", /has no outbox/],
    [
      `${method}: a closed handle`,
      (s) => relayOutbox(plain(s).close(), publisher, { method }),
      "DATABASE_CLOSED",
      /is closed: hand over an open one/,
    ],
    [`${method}: a newer file`, (s) => relayOutbox(newer(s), publisher, { method }), "NEWER_FILE", /use a newer Waystation/],
    [
      `${method}: a handle that only reads`,
      (s) => relayOutbox(new BetterSqlite3(s.path, { readonly: true }), publisher, { method }),
      "READ_ONLY",
      /can only read/,
    ],
    [
      `${method}: memory by path`,
      () => relayOutbox(":memory:", publisher, { method }),
      undefined,
      /needs the path of the service's database file: got ":memory:"/,
    ],
    [
      `${method}: something that is no handle`,
      () => relayOutbox({} as never, publisher, { method }),
      undefined,
      /takes a path or the service's open better-sqlite3 handle/,
    ],
    [
      `${method}: a publisher that is none`,
      (s) => relayOutbox(s.path, {} as never, { method }),
      undefined,
      /publisher of relayOutbox must be an object with publish/,
    ],
    [
      `${method}: a batch of none`,
      (s) => relayOutbox(s.path, publisher, { method, batchMax: 0 }),
      undefined,
      /"batchMax" of relayOutbox must be an integer from 1 to 10000: got 0/,
    ],
    [
      `${method}: a misspelt option`,
      (s) => relayOutbox(s.path, publisher, { method, interval: 5 } as never),
      undefined,
      /Unknown option "interval" of relayOutbox/,
    ],
  ])
  cases.push(
    [
      "no method",
      (s) => relayOutbox(s.path, publisher, {} as never),
      undefined,
      /"method" of relayOutbox must be "polling" or "tailing": got undefined/,
    ],
    ["no options", (s) => relayOutbox(s.path, publisher, undefined as never), undefined, /"method" of relayOutbox must be/],
    [
      "tailing: a database not in WAL mode",
      (s) => relayOutbox(leftWal(s), publisher, { method: "tailing" }),
      "NOT_WAL",
      /in journal mode "delete".*use method "polling"/,
    ],
    [
      "tailing: a database in memory",
      () => relayOutbox(inMemory(), publisher, { method: "tailing" }),
      undefined,
      /a database in memory has none: use "polling"/,
    ],
  )

  test.each(cases)("%s", async (_what, start, code, message) => {
    using service = new Service()
    const error = await refusal(() => start(service))
    expect(error.message).toMatch(message)
    expect((error as { code?: string }).code).toBe(code)
  })

  test("and it makes no file where there was none", async () => {
    using service = new Service()
    const path = here(service, "none.db")
    await refusal(() => relayOutbox(path, publisher, { method: "polling" }))
    expect(() => new BetterSqlite3(path, { fileMustExist: true })).toThrow()
  })

  function plain(service: Service) {
    return service.connect("plain.db").exec("CREATE TABLE orders (id)")
  }

  function noDatabase(service: Service): string {
    writeFileSync(here(service, "text.db"), "This is no database. ".repeat(100))
    return here(service, "text.db")
  }

  function newer(service: Service): string {
    service.database.exec("UPDATE waystation_schema SET version = 99 WHERE component = 'outbox'")
    return service.path
  }

  function leftWal(service: Service): string {
    service.database.pragma("journal_mode = DELETE")
    return service.path
  }

  function inMemory() {
    const database = new BetterSqlite3(":memory:")
    createOutbox(database)
    return database
  }
})

test("polling works on a database in memory, and on one that is not in WAL mode", async () => {
  using service = new Service()
  const memory = new BetterSqlite3(":memory:")
  createOutbox(memory).send("orders", 1, { id: "in-memory" })
  service.place(1)
  service.database.pragma("journal_mode = DELETE")
  const published = new CollectingPublisher()
  for (const database of [memory, service.path]) {
    await using relay = relayOutbox(database, published, { method: "polling" })
    await settles(relay.idle(), "idle()")
  }
  expect(published.ids).toEqual(["in-memory", "order-1"])
  expect(service.database.pragma("journal_mode", { simple: true })).toBe("delete")
})

describe.each(methods)("a relay by %s that runs into trouble says so, and goes on when it can", (method) => {
  /** Runs a relay, makes trouble, and looks that idle() rejects and `failed` tells of it; then that all goes on after the repair. */
  async function trouble(service: Service, make: () => void, repair: () => void, codes: readonly string[]) {
    const published = new CollectingPublisher()
    const events = new EventEmitter()
    const failed = recording<{ operation: string; error: { code: string } }>()
    events.on("failed", failed.add)
    await using relay = relayOutbox(service.path, published, { method, intervalMs: 5, events })
    service.place(1)
    await settles(relay.idle(), "idle() before")

    make()
    for (const code of codes) {
      expect(await refusal(() => settles(relay.idle(), "idle() in trouble"))).toMatchObject({ code })
      expect(relay.failure).toMatchObject({ code })
      expect(relay.backlog).toBe(0)
    }
    await failed.reaches(codes.length)
    expect(failed.items.map(({ operation, error }) => `${operation} ${error.code}`)).toEqual(codes.map((code) => `relay ${code}`))

    repair()
    service.place(2)
    await settles(relay.idle(), "idle() after")
    expect(relay.failure).toBeUndefined()
    expect(published.ids).toEqual(["order-1", "order-2"])
  }

  const moveAway = (service: Service) => {
    for (const suffix of ["", "-wal", "-shm"]) renameSync(service.path + suffix, `${service.path}${suffix}.away`)
  }
  const moveBack = (service: Service) => {
    for (const suffix of ["", "-wal", "-shm"]) renameSync(`${service.path}${suffix}.away`, service.path + suffix)
  }

  test("the file is moved away and comes back", async () => {
    using service = new Service()
    const repair = () => moveBack(service)
    await trouble(service, () => moveAway(service), repair, ["FILE_GONE", "CANNOT_OPEN"])
  })

  test("the file is replaced by one that is no database, then by the right one", async () => {
    using service = new Service()
    const replace = () => {
      moveAway(service)
      writeFileSync(service.path, "no database ".repeat(1_000))
    }
    const repair = () => {
      rmSync(service.path)
      moveBack(service)
    }
    await trouble(service, replace, repair, ["FILE_GONE", "NOT_A_DATABASE"])
  })

  test("a directory stands in its place", async () => {
    using service = new Service()
    const replace = () => {
      moveAway(service)
      mkdirSync(service.path)
    }
    const repair = () => {
      rmSync(service.path, { recursive: true })
      moveBack(service)
    }
    await trouble(service, replace, repair, ["FILE_GONE", "CANNOT_OPEN"])
  })

  test("the outbox's table is gone, and comes back", async () => {
    using service = new Service()
    const drop = () => void service.database.exec("ALTER TABLE waystation_outbox RENAME TO lost")
    const repair = () => void service.database.exec("ALTER TABLE lost RENAME TO waystation_outbox")
    await trouble(service, drop, repair, ["NO_OUTBOX"])
  })

  test("a row that is no message holds up what comes after it, not what came before", async () => {
    using service = new Service()
    const published = new CollectingPublisher()
    for (const id of [1, 2, 3]) service.place(id)
    service.database.pragma("ignore_check_constraints = ON")
    service.database.exec("UPDATE waystation_outbox SET body = 'no json' WHERE position = 2")
    await using relay = relayOutbox(service.path, published, { method, intervalMs: 5 })
    const error = await refusal(() => settles(relay.idle(), "idle()"))
    expect(error.message).toMatch(/Row 2 of waystation_outbox is no message/)
    expect(published.ids).toEqual(["order-1"])
    service.database.exec("DELETE FROM waystation_outbox WHERE position = 2")
    await settles(relay.idle(), "idle() after")
    expect(published.ids).toEqual(["order-1", "order-3"])
  })

  test("the disk is full: what is published then is saved when there is room, and not published again", async () => {
    using service = new Service()
    let full = false
    const handle = new BetterSqlite3(service.path, {
      verbose: (sql) => {
        if (full && String(sql).startsWith("UPDATE")) throw sqliteError("SQLITE_FULL")
      },
    })
    const published = new CollectingPublisher()
    const events = new EventEmitter()
    const failed = recording<{ error: { code: string; message: string } }>()
    events.on("failed", failed.add)
    const relay = relayOutbox(handle, published, { method, intervalMs: 5, events })
    service.place(1)
    await settles(relay.idle(), "idle()")
    full = true
    service.place(2)
    await failed.reaches(1)
    expect(failed.items[0]?.error).toMatchObject({ code: "DISK_FULL", message: expect.stringMatching(/is full: the relay goes on when/) })
    full = false
    service.place(3)
    await settles(relay.idle(), "idle() after")
    await relay.stop()
    handle.close()
    expect(published.ids).toEqual(["order-1", "order-2", "order-3"])
  })

  test("a link to the file is followed", async () => {
    using service = new Service()
    const link = join(service.directory, "link.db")
    symlinkSync(service.path, link)
    const published = new CollectingPublisher()
    await using relay = relayOutbox(link, published, { method })
    service.place(1)
    await settles(relay.idle(), "idle()")
    service.place(2)
    await settles(relay.idle(), "idle()")
    expect(published.ids).toEqual(["order-1", "order-2"])
  })
})
