import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { leafCell, leafCellCount, wholePayload } from "../../broker/relay/page.ts"
import { Cursor, MalformedError, parseRecord, type TextEncoding } from "../../broker/relay/record.ts"
import { WalFile } from "../../broker/relay/wal-file.ts"

type Stored = null | number | bigint | string | Uint8Array

/** Lets SQLite write one row, and reads it back from the log's pages alone. */
function throughTheLog(rowid: bigint, values: Stored[], pageSize: number, encoding: TextEncoding) {
  const directory = mkdtempSync(join(tmpdir(), "waystation-page-"))
  const path = join(directory, "a.db")
  const database = new BetterSqlite3(path)
  try {
    database.pragma(`page_size = ${pageSize}`)
    database.pragma(`encoding = "${encoding}"`)
    database.pragma("journal_mode = WAL")
    database.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY${values.map((_, index) => `, c${index}`).join("")})`)
    database.prepare(`INSERT INTO t VALUES (?${", ?".repeat(values.length)})`).run(rowid, ...values)
    const root = database.prepare("SELECT rootpage FROM sqlite_schema").pluck().get() as number
    const log = WalFile.open(`${path}-wal`)
    const pages = new Map(log?.frames(log.start, 10_000).map((frame) => [frame.pageNumber, frame.page]))
    log?.close()
    const page = pages.get(root) ?? Buffer.alloc(0)
    expect(leafCellCount(page)).toBe(1)
    const cell = leafCell(page, 0, pageSize)
    const payload = wholePayload(cell, pageSize, pages)
    return { rowid: cell.rowid, values: payload && parseRecord(payload, encoding) }
  } finally {
    database.close()
    rmSync(directory, { recursive: true })
  }
}

const borders = [
  0n,
  1n,
  127n,
  128n,
  32_767n,
  32_768n,
  8_388_607n,
  8_388_608n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 47n - 1n,
  2n ** 47n,
  2n ** 53n,
  2n ** 63n - 1n,
]

describe("a row as SQLite wrote it into the log", () => {
  test("integers at each border between two sizes, of both signs", () => {
    for (const border of borders) {
      const values = [border, -border, -border - 1n]
      const exact = (value: bigint) => (value >= -(2n ** 52n) && value < 2n ** 52n ? Number(value) : value)
      expect(throughTheLog(1n, values, 4_096, "UTF-8").values).toEqual([null, ...values.map(exact)])
    }
  })

  test("any values, on any page size, in any encoding", () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(BigInt),
      fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
      fc.string({ unit: "grapheme", maxLength: 3_000 }),
      fc.uint8Array({ maxLength: 3_000 }),
    )
    const rowid = fc.bigInt({ min: 1n, max: 2n ** 53n - 1n })
    const pageSize = fc.constantFrom(512, 1_024, 4_096, 65_536)
    const encoding = fc.constantFrom<TextEncoding>("UTF-8", "UTF-16le", "UTF-16be")
    fc.assert(
      fc.property(rowid, fc.array(value, { minLength: 1, maxLength: 12, size: "max" }), pageSize, encoding, (id, values, size, text) => {
        const found = throughTheLog(id, values, size, text)
        expect(found.rowid).toBe(Number(id))
        expect(found.values).toEqual([null, ...values.map((stored) => (typeof stored === "bigint" ? Number(stored) : stored))])
      }),
      { numRuns: 60, seed: 20_260_102 },
    )
  })
})

describe("bytes that cannot be what they are taken for", () => {
  /** A leaf with one cell at byte 20, whose payload of 3,000 bytes begins there and goes on at page 2. */
  function leaf(): Buffer {
    const page = Buffer.alloc(512)
    page[0] = 13
    page.writeUInt16BE(1, 3)
    page.writeUInt16BE(20, 8)
    page.set([0x97, 0x38, 0x01], 20)
    page.writeUInt32BE(2, 23 + 460)
    return page
  }
  const chain = (...next: number[]) => new Map(next.map((number, index) => [index + 2, pageLeadingTo(number)]))
  const pageLeadingTo = (number: number) => {
    const page = Buffer.alloc(512)
    page.writeUInt32BE(number)
    return page
  }

  test("a chain that ends where the payload ends is whole", () => {
    const cell = leafCell(leaf(), 0, 512)
    expect(cell).toMatchObject({ rowid: 1, payloadBytes: 3_000, overflowPage: 2 })
    expect(wholePayload(cell, 512, chain(3, 4, 5, 6, 0))).toHaveLength(3_000)
  })

  test.each([
    ["a chain that runs in a circle", leaf(), chain(3, 2), /circle/],
    ["a chain that goes on beyond its end", leaf(), chain(3, 4, 5, 6, 9), /goes on beyond its end/],
  ])("%s", (_what, page, pages, message) => {
    expect(() => wholePayload(leafCell(page, 0, 512), 512, pages)).toThrow(message)
    expect(() => wholePayload(leafCell(page, 0, 512), 512, pages)).toThrow(MalformedError)
  })

  test("a chain that lacks a page, or leads to none, is not whole", () => {
    const cell = leafCell(leaf(), 0, 512)
    expect(wholePayload(cell, 512, chain(3, 4))).toBeUndefined()
    expect(wholePayload(cell, 512, chain(3, 0))).toBeUndefined()
  })

  test.each([
    ["a cell that begins beyond the page", () => leafCell(Buffer.from(leaf()).fill(0xff, 8, 10), 0, 512), /ends in the middle/],
    ["a page smaller than the others are said to be", () => leafCell(leaf(), 0, 1_024), /smaller than its database says/],
    ["more cells than fit", () => leafCell(leaf(), 300, 512), /more cells than fit/],
    ["a number that never ends", () => new Cursor(Buffer.alloc(5, 0xff)).varint(), /ends in the middle of a number/],
    ["a value longer than its record", () => parseRecord(Buffer.of(2, 100, 1), "UTF-8"), /ends in the middle of a value/],
    ["a type that SQLite keeps for itself", () => parseRecord(Buffer.of(2, 10), "UTF-8"), /type 10/],
    ["a header longer than the record", () => parseRecord(Buffer.of(9, 1), "UTF-8"), /ends in the middle/],
    ["half a character of UTF-16", () => parseRecord(Buffer.of(2, 15, 65), "UTF-16le"), /odd length/],
    ["bytes behind the last value", () => parseRecord(Buffer.of(2, 1, 65, 66), "UTF-8"), /behind its last value/],
    ["half a surrogate pair", () => parseRecord(Buffer.of(2, 17, 0x03, 0xdd), "UTF-16le"), /no Unicode/],
  ])("%s", (_what, read, message) => {
    expect(read).toThrow(message)
    expect(read).toThrow(MalformedError)
  })

  test("a varint has nine bytes at most, and the ninth gives eight bits", () => {
    expect(new Cursor(Buffer.of(0x81, 0x00)).varint()).toBe(128)
    expect(new Cursor(Buffer.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0xff)).varint()).toBe(0x1ff)
    expect(new Cursor(Buffer.alloc(9, 0xff)).varint()).toBe(2 ** 64)
  })
})
