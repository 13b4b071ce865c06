import { randomBytes } from "node:crypto"
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs"
import BetterSqlite3 from "better-sqlite3"
import { EventEmitter } from "eventemitter3"
import { describe, expect, test } from "vitest"
import { type OutgoingMessage, relayOutbox, systemClock } from "#waystation"
import { tailing } from "../../broker/relay/tailing.ts"
import { Store } from "../../broker/storage/store.ts"
import { headerBytes, mendChecksums } from "../suites/support/wal-damage.ts"
import { program } from "./support/programs.ts"
import { CollectingPublisher, Service } from "./support/service.ts"
import { recording, refusal, settles } from "./support/waiting.ts"

describe("a relay by tailing whose log is in trouble", () => {
  test("goes on when the database comes back to WAL mode", async () => {
    using service = new Service()
    const published = new CollectingPublisher()
    await using relay = relayOutbox(service.database, published, { method: "tailing", intervalMs: 5 })
    service.place(1)
    await settles(relay.idle(), "idle()")
    service.database.pragma("journal_mode = DELETE")
    service.place(2)
    expect(await refusal(() => settles(relay.idle(), "idle()"))).toMatchObject({ code: "NOT_WAL" })
    service.database.pragma("journal_mode = WAL")
    service.place(3)
    await settles(relay.idle(), "idle()")
    expect(published.ids).toEqual(["order-1", "order-2", "order-3"])
  })

  test("says that it cannot read the log, and goes on when it can", async () => {
    using service = new Service()
    const published = new CollectingPublisher()
    // On the service's own handle, which has its log open: by name there is something else now that cannot be read.
    await using relay = relayOutbox(service.database, published, { method: "tailing", intervalMs: 5 })
    service.place(1)
    await settles(relay.idle(), "idle()")
    renameSync(`${service.path}-wal`, `${service.path}-wal.away`)
    mkdirSync(`${service.path}-wal`)
    service.place(2)
    const error = await refusal(() => settles(relay.idle(), "idle()"))
    expect(error).toMatchObject({ code: "CANNOT_OPEN", message: expect.stringMatching(/cannot be read/) })
    rmSync(`${service.path}-wal`, { recursive: true })
    renameSync(`${service.path}-wal.away`, `${service.path}-wal`)
    await settles(relay.idle(), "idle()")
    expect(published.ids).toEqual(["order-1", "order-2"])
  })

  test("does not depend on understanding the log: what it cannot read it asks for", async () => {
    using service = new Service()
    const published = new CollectingPublisher()
    await using relay = relayOutbox(service.path, published, { method: "tailing", intervalMs: 5 })
    service.place(1)
    await settles(relay.idle(), "idle()")
    // SQLite itself reads the header of the log only when it recovers.
    const header = readFileSync(`${service.path}-wal`).subarray(0, 32)
    writeAtStart(`${service.path}-wal`, randomBytes(32))
    service.place(2)
    await settles(relay.idle(), "idle()")
    writeAtStart(`${service.path}-wal`, header)
    service.place(3)
    await settles(relay.idle(), "idle()")
    expect(published.ids).toEqual(["order-1", "order-2", "order-3"])
  })
})

/** So large that the file grows: its size stands in the first page, and so the log has that one, too. */
const growing = "x".repeat(20_000)

test.each([
  ["a first page that gives another page size", growing, (first: Buffer) => first.writeUInt16BE(32_768, 16)],
  ["a first page that reserves other bytes of each page", growing, (first: Buffer) => first.writeUInt8(8, 20)],
  [
    "a first page that ends the database before its last page",
    growing,
    (first: Buffer) => first.writeUInt32BE(first.readUInt32BE(28) - 1, 28),
  ],
  ["a commit that ends it there", "small", (_first: Buffer, commit: Buffer) => commit.writeUInt32BE(commit.readUInt32BE(4) - 1, 4)],
])("%s, under checksums that are right: SQLite refuses it or takes it otherwise, so the table is asked", (_what, body, change) => {
  using service = new Service()
  const statements: string[] = []
  const reader = new BetterSqlite3(service.path, { verbose: (sql) => statements.push(String(sql)) })
  const source = tailing(1_000)(new Store(reader, { clock: systemClock, random: Math.random, owned: true }), service.path, () => {})
  service.place(1)
  const published = source.rows(0, 100).length
  service.outbox.send("orders", body)
  changeLog(`${service.path}-wal`, change)
  statements.splice(0)
  try {
    source.rows(published, 100)
  } catch (error) {
    expect(error).toMatchObject({ code: "SQLITE_CORRUPT" })
  }
  expect(statements.filter((sql) => sql.includes("body FROM waystation_outbox"))).toHaveLength(1)
  source.close()
  reader.close()
})

/** Deleting a log that is in use splits the file in two: who has the old one open no longer sees what others commit. */
describe.each(["polling", "tailing"] as const)("a relay by %s whose log is deleted while it is open", (method) => {
  test("says so and goes on with the one that the service makes anew", { timeout: 30_000 }, async () => {
    using service = new Service()
    // No other connection in this process: SQLite would share the old log's index with it.
    service.database.close()
    const published = recording<string>()
    const publish = async (messages: readonly OutgoingMessage[]) => {
      for (const { id } of messages) published.add(id)
    }
    const events = new EventEmitter()
    const failed = recording<{ error: { code: string; message: string } }>()
    events.on("failed", failed.add)
    await using _relay = relayOutbox(service.path, { publish }, { method, intervalMs: 50, events })
    await program("customer", service.path, "order-1").finish()
    await published.reaches(1)

    for (const suffix of ["-wal", "-shm"]) rmSync(service.path + suffix)
    await failed.reaches(1)
    expect(failed.items[0]?.error).toMatchObject({ code: "FILE_GONE", message: expect.stringMatching(/orders\.db-(wal|shm)" was removed/) })
    await program("customer", service.path, "order-2").finish()
    await published.reaches(2)
    expect(published.items).toEqual(["order-1", "order-2"])
  })
})

function writeAtStart(path: string, bytes: Buffer): void {
  const file = openSync(path, "r+")
  writeSync(file, bytes, 0, bytes.length, 0)
  closeSync(file)
}

/** Changes the last image of the first page, or the header of the last frame, with checksums as if SQLite had written it so. */
function changeLog(logPath: string, change: (firstPage: Buffer, commit: Buffer) => void): void {
  const log = readFileSync(logPath)
  const pageSize = log.readUInt32BE(8)
  let first = Number.NaN
  let last = Number.NaN
  for (let frame = headerBytes; frame < log.length; frame += 24 + pageSize) {
    if (log.readUInt32BE(frame) === 1) first = frame + 24
    last = frame
  }
  change(log.subarray(first, first + pageSize), log.subarray(last, last + 24))
  mendChecksums(log, pageSize)
  writeAtStart(logPath, log)
}
