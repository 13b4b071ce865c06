import { randomBytes } from "node:crypto"
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs"
import { EventEmitter } from "eventemitter3"
import { describe, expect, test } from "vitest"
import { type OutgoingMessage, relayOutbox, systemClock } from "#waystation"
import { type OutboxRow, outboxRows } from "../../broker/outbox.ts"
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

describe("a first page in the log that contradicts the pages, under checksums that are right", () => {
  test.each([
    ["by the size that it gives for each page", (header: Buffer) => header.writeUInt16BE(32_768, 16)],
    ["by the bytes that it reserves in each page", (header: Buffer) => header.writeUInt8(8, 20)],
    ["by a size of the database that ends before its last page", (header: Buffer) => header.writeUInt32BE(header.readUInt32BE(28) - 1, 28)],
  ])("%s: neither the log's reader nor SQLite shows the row as it was sent", (_what, change) => {
    using service = new Service()
    const store = new Store(service.connect(), { clock: systemClock, random: Math.random, owned: true })
    const source = tailing(1_000)(store, service.path, () => {})
    service.place(1)
    const published = source.rows(0, 100).length
    // So large that the file grows: its size stands in the first page, and so the log has that one, too.
    const body = "x".repeat(20_000)
    service.outbox.send("orders", body)
    changeFirstPage(`${service.path}-wal`, change)
    // SQLite stops, or takes other bytes for the row's.
    for (const rows of [() => source.rows(published, 100), () => outboxRows(store, published, 100).rows]) {
      expect(rowsOrCode(rows)).not.toMatchObject([{ body: JSON.stringify(body) }])
    }
    source.close()
  })
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

function rowsOrCode(rows: () => OutboxRow[]): unknown {
  try {
    return rows()
  } catch (error) {
    return (error as { code?: string }).code
  }
}

/** In its last image, with checksums as if SQLite had written it so. */
function changeFirstPage(logPath: string, change: (page: Buffer) => void): void {
  const log = readFileSync(logPath)
  const pageSize = log.readUInt32BE(8)
  let first = Number.NaN
  for (let frame = headerBytes; frame < log.length; frame += 24 + pageSize) if (log.readUInt32BE(frame) === 1) first = frame + 24
  change(log.subarray(first, first + pageSize))
  mendChecksums(log, pageSize)
  writeAtStart(logPath, log)
}
