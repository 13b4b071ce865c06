import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { addToChecksum, type Checksum, WalFile } from "../../broker/relay/wal-file.ts"

/** A database with one table and a log of its own making. */
class Logged {
  readonly directory = mkdtempSync(join(tmpdir(), "waystation-wal-"))
  readonly path = join(this.directory, "a.db")
  readonly log = `${this.path}-wal`
  readonly database = new BetterSqlite3(this.path)

  constructor(pageSize = 4_096) {
    this.database.pragma(`page_size = ${pageSize}`)
    this.database.pragma("journal_mode = WAL")
    this.database.exec("CREATE TABLE t (x)")
  }

  add(count: number): void {
    for (let number = 0; number < count; number++) this.database.exec("INSERT INTO t VALUES (randomblob(100))")
  }

  get horizon(): number {
    return (this.database.prepare("PRAGMA wal_checkpoint(NOOP)").get() as { log: number }).log
  }

  open(): WalFile {
    const log = WalFile.open(this.log)
    if (!log) throw new Error("no log")
    return log
  }

  [Symbol.dispose](): void {
    this.database.close()
    rmSync(this.directory, { recursive: true })
  }
}

describe("the log's header", () => {
  test.each([512, 4_096, 65_536])("says what SQLite says: pages of %d bytes", (pageSize) => {
    using here = new Logged(pageSize)
    const log = here.open()
    expect(log.header).toMatchObject({ formatVersion: 3_007_000, pageSize })
    expect(log.frames(log.start, 1_000)).toHaveLength(here.horizon)
    log.close()
  })

  test("has other salts after a restart, and a sequence that counts", () => {
    using here = new Logged()
    const before = here.open()
    const position = before.positionAfter(1)
    expect(before.isUnchanged()).toBe(true)
    here.database.pragma("wal_checkpoint(RESTART)")
    here.add(1)
    expect(before.isUnchanged()).toBe(false)
    const after = here.open()
    expect(after.header.checkpointSequence).toBe(before.header.checkpointSequence + 1)
    expect(position && after.continues(position)).toBe(false)
    for (const log of [before, after]) log.close()
  })

  const whole = () => {
    using here = new Logged()
    return readFileSync(here.log).subarray(0, 32)
  }
  const changed = (at: number, byte: number) => {
    const header = Buffer.from(whole())
    header[at] = byte
    return header
  }
  test.each([
    ["no file", undefined],
    ["an empty file", Buffer.alloc(0)],
    ["half a header", whole().subarray(0, 31)],
    ["another file's magic", changed(0, 0x53)],
    ["another format", changed(7, 0x19)],
    ["a page size that is no power of two", changed(11, 1)],
    ["a checksum that does not fit", changed(31, (whole()[31] ?? 0) ^ 1)],
  ])("%s is no log", (_what, bytes) => {
    using here = new Logged()
    const path = join(here.directory, "other-wal")
    if (bytes) writeFileSync(path, bytes)
    expect(WalFile.open(path)).toBeUndefined()
  })
})

describe("the log's frames", () => {
  test("end where SQLite's commits end, and the rest is a remnant of the time before", () => {
    using here = new Logged()
    here.add(50)
    here.database.pragma("wal_checkpoint(RESTART)")
    here.add(7)
    const log = here.open()
    expect(log.framesMax).toBeGreaterThan(50)
    const frames = log.frames(log.start, 1_000)
    expect(frames.map((frame) => frame.number)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(frames.every((frame) => frame.databasePages > 0)).toBe(true)
    log.close()
  })

  test("can be read on from any place, with and without having read what came before", () => {
    using here = new Logged()
    here.add(20)
    const log = here.open()
    const all = log.frames(log.start, 20)
    for (let frame = 0; frame <= 20; frame++) {
      const position = log.positionAfter(frame)
      expect(position && log.frames(position, 20)).toEqual(all.slice(frame))
    }
    expect(log.positionAfter(1_000)).toBeUndefined()
    log.close()
  })

  test("end before one that is damaged in any byte", () => {
    using here = new Logged(512)
    here.add(5)
    const intact = readFileSync(here.log)
    const copy = join(here.directory, "copy-wal")
    const third = 32 + 2 * 536
    for (let at = third; at < third + 536; at++) {
      const damaged = Buffer.from(intact)
      damaged[at] = (damaged[at] ?? 0) ^ 0x40
      writeFileSync(copy, damaged)
      const log = WalFile.open(copy)
      expect(log?.frames(log.start, 100)).toHaveLength(2)
      log?.close()
    }
  })

  test("with checksums over big-endian words, as other machines write them, are read as SQLite reads them", () => {
    using here = new Logged()
    here.add(10)
    const foreign = bigEndian(readFileSync(here.log))
    const path = join(here.directory, "foreign.db")
    const empty = new BetterSqlite3(path)
    empty.pragma("journal_mode = WAL")
    empty.close()
    writeFileSync(`${path}-wal`, foreign)
    const log = WalFile.open(`${path}-wal`)
    const frames = log?.frames(log.start, 1_000).length
    log?.close()
    const recovered = new BetterSqlite3(path)
    expect(recovered.prepare("SELECT count(*) FROM t").pluck().get()).toBe(10)
    expect((recovered.prepare("PRAGMA wal_checkpoint(NOOP)").get() as { log: number }).log).toBe(frames)
    recovered.close()
  })
})

/** The same log as a machine of the other byte order would have written it. */
function bigEndian(log: Buffer): Buffer {
  log.writeUInt32BE(0x377f0683, 0)
  const pageSize = log.readUInt32BE(8)
  let checksum: Checksum = addToChecksum([0, 0], log.subarray(0, 24), false)
  const put = (at: number) => {
    log.writeUInt32BE(checksum[0], at)
    log.writeUInt32BE(checksum[1], at + 4)
  }
  put(24)
  for (let frame = 32; frame < log.length; frame += 24 + pageSize) {
    checksum = addToChecksum(checksum, log.subarray(frame, frame + 8), false)
    checksum = addToChecksum(checksum, log.subarray(frame + 24, frame + 24 + pageSize), false)
    put(frame + 16)
  }
  return log
}
