import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { createOutbox, systemClock } from "#waystation"
import type { OutboxRow } from "../../../broker/outbox.ts"
import { tailing } from "../../../broker/relay/tailing.ts"
import { WalFile } from "../../../broker/relay/wal-file.ts"
import { Store } from "../../../broker/storage/store.ts"
import { Chance } from "../../../broker/testing/chance.ts"
import { damageOnce, headerBytes, mendChecksums } from "./wal-damage.ts"

export interface FuzzFigures {
  mutations: number
  /** Found by the reader, and not shown in the same words by SQLite, live or after it has recovered the same log. */
  notShown: number
  /** Not found although SQLite shows it and the log's own checksums say that it is damaged. */
  missed: number
  /** Logs of which SQLite's recovery takes more or fewer frames for committed than the reader. */
  misjudged: number
  /** Errors that are not SQLite's own. */
  crashes: number
  slowestMs: number
  /** Whether the reader had its rows from the log or from the table, or none because SQLite could not read its file either. */
  fromLog: number
  fromTable: number
  unreadable: number
}

/**
 * Damages a log under the reader's hands, again and again. The reader stands in the middle of the log; what was committed
 * since is damaged, more often than not with checksums that are right again; then it is asked for the rows, and SQLite too.
 */
export function fuzzLog(mutations: number, seed: number): FuzzFigures {
  const chance = new Chance(seed)
  const figures: FuzzFigures = {
    mutations,
    notShown: 0,
    missed: 0,
    misjudged: 0,
    crashes: 0,
    slowestMs: 0,
    fromLog: 0,
    fromTable: 0,
    unreadable: 0,
  }
  const directory = mkdtempSync(join(tmpdir(), "waystation-fuzz-"))
  try {
    const templates = [512, 1_024, 4_096].flatMap((pageSize) =>
      ["UTF-8", "UTF-16le"].map((encoding) => template(directory, pageSize, encoding)),
    )
    for (let turn = 0; turn < mutations; turn++) {
      const path = join(directory, "orders.db")
      const main = chance.pick(templates)
      writeDatabase(path, main)
      const bed = new TestBed(path, chance)
      const mended = bed.damage(chance)
      const recovered = recover(join(directory, "recovered.db"), main, bed.log, figures)
      bed.compare(recovered, mended, figures)
      bed.close()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return figures
}

/** A service's database file with an empty log, as bytes. */
function template(directory: string, pageSize: number, encoding: string): Buffer {
  const path = join(directory, `${pageSize}-${encoding}.db`)
  const database = new BetterSqlite3(path)
  database.pragma(`page_size = ${pageSize}`)
  database.pragma(`encoding = "${encoding}"`)
  createOutbox(database)
  database.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, note)")
  database.close()
  return readFileSync(path)
}

function writeDatabase(path: string, main: Buffer, log?: Buffer): void {
  for (const suffix of ["-wal", "-shm", "-wake"]) rmSync(path + suffix, { force: true })
  writeFileSync(path, main)
  if (log) writeFileSync(`${path}-wal`, log)
}

/** A service with a reader that is up to date, and then some more commits. */
class TestBed {
  readonly #path: string
  readonly #writer: BetterSqlite3.Database
  readonly #reader: BetterSqlite3.Database
  readonly #source: ReturnType<ReturnType<typeof tailing>>
  readonly #readFrom: number
  #tableAsked = 0
  /** The log as it stands in the file. */
  log: Buffer

  constructor(path: string, chance: Chance) {
    this.#path = path
    this.#writer = new BetterSqlite3(path)
    const outbox = createOutbox(this.#writer, { durability: "normal" })
    this.#reader = new BetterSqlite3(path, {
      verbose: (sql) => {
        if (/delay_ms, body FROM/.test(String(sql))) this.#tableAsked++
      },
    })
    const note = this.#writer.prepare("INSERT INTO orders (note) VALUES (?)")
    const commit = this.#writer.transaction((rows: number) => {
      for (let row = 0; row < rows; row++) {
        note.run("note ".repeat(chance.integer(0, 50)))
        outbox.send("orders", { note: "한글 body ".repeat(chance.pick([0, 1, 5, 60, 300])) }, { id: `m-${chance.integer(0, 1e9)}` })
      }
    })
    this.#source = tailing(1_000)(new Store(this.#reader, { clock: systemClock, random: Math.random, owned: true }), path, () => {})
    note.run("the first frames")
    this.#source.rows(0, 1_000)
    this.#readFrom = horizonOf(this.#reader)
    for (let turn = chance.integer(1, 3); turn > 0; turn--) commit(chance.integer(1, 6))
    this.log = readFileSync(`${path}-wal`)
  }

  /** Returns whether the checksums were made to fit the damage. */
  damage(chance: Chance): boolean {
    const log = Buffer.from(this.log)
    const pageSize = log.readUInt32BE(8)
    const first = headerBytes + this.#readFrom * (24 + pageSize)
    const mended = chance.happens(0.6)
    for (let count = chance.pick([1, 1, 1, 2, 5]); count > 0; count--) damageOnce(log, chance.happens(0.05) ? 0 : first, pageSize, chance)
    if (mended) mendChecksums(log, pageSize)
    this.log = chance.happens(0.03) ? log.subarray(0, chance.integer(0, log.length)) : log
    const file = openSync(`${this.#path}-wal`, "r+")
    writeSync(file, this.log, 0, this.log.length, 0)
    ftruncateSync(file, this.log.length)
    closeSync(file)
    return mended
  }

  compare(recovered: OutboxRow[], mended: boolean, figures: FuzzFigures): void {
    this.#tableAsked = 0
    const begun = performance.now()
    const found = attempt(() => this.#source.rows(0, 1_000))
    figures.slowestMs = Math.max(figures.slowestMs, Math.round(performance.now() - begun))
    if (found instanceof Error) {
      if ((found as { code?: string }).code?.startsWith("SQLITE_")) figures.unreadable++
      else figures.crashes++
      return
    }
    const live = shownBy(this.#path)
    const fromLog = this.#tableAsked === 0
    if (fromLog) figures.fromLog++
    else figures.fromTable++
    // The reader's own connection knew the tables before they were damaged.
    const shown = [...live.rows, ...shownOver(this.#reader).rows, ...recovered]
    for (const row of fromLog ? found : []) if (!shown.some((other) => same(row, other))) figures.notShown++
    if (!mended && live.whole && live.rows.length > found.length) figures.missed++
  }

  close(): void {
    this.#source.close()
    for (const database of [this.#reader, this.#writer]) attempt(() => database.close())
  }
}

/** Lets SQLite recover the damaged log, and compares how far it and the reader say it goes. Returns what it shows then. */
function recover(path: string, main: Buffer, log: Buffer, figures: FuzzFigures): OutboxRow[] {
  writeDatabase(path, main, log)
  const committed = attempt(() => committedFrames(`${path}-wal`))
  if (committed instanceof Error) figures.crashes++
  const database = new BetterSqlite3(path)
  const horizon = attempt(() => {
    database.prepare("SELECT count(*) FROM sqlite_schema").get()
    return horizonOf(database)
  })
  if (!(horizon instanceof Error) && horizon !== committed) figures.misjudged++
  const { rows } = shownBy(path)
  attempt(() => database.close())
  return rows
}

/** Through which frame the log holds whole transactions. */
function committedFrames(path: string): number {
  const log = WalFile.open(path)
  if (!log) return 0
  try {
    const frames = log.frames(log.start, Number.MAX_SAFE_INTEGER)
    return frames.findLast((frame) => frame.databasePages > 0)?.number ?? 0
  } finally {
    log.close()
  }
}

const horizonOf = (database: BetterSqlite3.Database) => (database.prepare("PRAGMA wal_checkpoint(NOOP)").get() as { log: number }).log

const columns = "position, message_id, channel, key, headers, sent_at, delay_ms, body"

/** Over a connection that has nothing cached. */
function shownBy(path: string): { rows: OutboxRow[]; whole: boolean } {
  const fresh = new BetterSqlite3(path)
  try {
    return shownOver(fresh)
  } finally {
    attempt(() => fresh.close())
  }
}

/** What SQLite shows until it notices, if it does, that its file is damaged. */
function shownOver(database: BetterSqlite3.Database): { rows: OutboxRow[]; whole: boolean } {
  const rows: OutboxRow[] = []
  try {
    const all = database.prepare<[], OutboxRow>(`SELECT ${columns} FROM waystation_outbox WHERE position > 0 ORDER BY position`)
    for (const row of all.iterate()) rows.push(row)
    return { rows, whole: true }
  } catch {
    return { rows, whole: false }
  }
}

function same(one: unknown, other: unknown): boolean {
  const words = (row: unknown) => JSON.stringify(row, (_name, value) => (value instanceof Uint8Array ? [...value] : value))
  return words(one) === words(other)
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    return error as Error
  }
}
