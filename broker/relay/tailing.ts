import { BrokerError } from "../errors.ts"
import { type OutboxRow, outboxIds, outboxRows } from "../outbox.ts"
import type { Store } from "../storage/store.ts"
import { outboxRowsIn, type PageFormat } from "./outbox-row.ts"
import { usableBytesBy } from "./page.ts"
import type { OpenSource, OutboxSource } from "./ports.ts"
import { MalformedError, type TextEncoding } from "./record.ts"
import { WalFile, type WalPosition } from "./wal-file.ts"
import { WalWatch } from "./wal-watch.ts"

/** Transaction log tailing: reads what was committed from SQLite's write-ahead log instead of asking the outbox's table. */
export function tailing(intervalMs: number): OpenSource {
  return (store, path, signal) => {
    if (!path) throw new TypeError('Method "tailing" reads a log file, and a database in memory has none: use "polling".')
    return new LogTail(store, path, intervalMs, signal)
  }
}

/** More than this is not read from the log at once: what lies further back is asked of the table. */
const readBytesMax = 16_777_216

/**
 * A turn has four steps, and their order is what makes it safe.
 *
 * 1. The horizon: SQLite is asked how many frames of the log are committed. A commit frame stands in the file before it
 *    is synced and before any reader sees it; in a crash it may still vanish, or be overwritten by another transaction.
 * 2. The log is read up to there, from the place where the last turn ended: the last image of each page.
 * 3. The outbox's rows are found in these pages.
 * 4. Their ids are compared with what the table shows. A page that left the outbox may stand in the log with its old
 *    contents, and so may a copy of the table.
 *
 * Positions have no holes. Whenever the rows do not go on where the last ones ended, or anything else does not fit (the log
 * was restarted, a page is missing), it is not guessed at: the table is asked once, and the log read on from the horizon.
 */
class LogTail implements OutboxSource {
  readonly #store: Store
  readonly #logPath: string
  readonly #intervalMs: number
  #format: PageFormat
  readonly #watch: WalWatch
  /** Where the next turn begins to read; absent when that is nowhere in the present log. */
  #position: WalPosition | undefined
  /** Found, and not yet published. */
  #rows: OutboxRow[] = []
  /** The last that was found. */
  #through = 0
  /** The table has more rows than the log will show from `#position` on. */
  #behind = true
  /** Somebody has written beyond the horizon: a transaction that is about to be seen, or has some way to go, or was undone. */
  #moreToCome = true

  constructor(store: Store, path: string, intervalMs: number, signal: () => void) {
    this.#store = store
    this.#logPath = `${path}-wal`
    this.#intervalMs = intervalMs
    this.#horizon()
    this.#format = pageFormat(store)
    this.#watch = new WalWatch(this.#logPath, signal)
  }

  rows(published: number, rowsMax: number): OutboxRow[] {
    this.#rows = this.#rows.filter((row) => row.position > published)
    if (this.#rows.length === 0) {
      this.#behind ||= published < this.#through
      this.#rows = this.#readOn(published, rowsMax)
    } else if (this.#rows[0]?.position !== published + 1) {
      // Another relay was at work in between.
      this.#rows = this.#ask(published, rowsMax)
    }
    this.#through = this.#rows.at(-1)?.position ?? this.#through
    return this.#rows.slice(0, rowsMax)
  }

  /**
   * The log changes a little before its commit can be seen: by one sync of the disk. Then looks are frequent, at first, and
   * never later than by a quarter of the time that it took.
   */
  pauseMs(looks: number): number {
    return this.#moreToCome ? Math.min(1.25 ** Math.min(looks, 100), this.#intervalMs) : this.#intervalMs
  }

  close(): void {
    this.#watch.close()
  }

  #readOn(published: number, rowsMax: number): OutboxRow[] {
    this.#watch.follow()
    const log = WalFile.open(this.#logPath)
    try {
      const horizon = this.#horizon()
      // The horizon is one of this log only if the log was not restarted while it was asked for.
      const readable = log?.isUnchanged() ? log : undefined
      const rows = this.#behind ? undefined : readable && this.#newRows(readable, horizon, published)
      // Before the table is asked: what is committed after this place is in the log from here on.
      this.#position = readable?.positionAfter(horizon)
      this.#moreToCome = !this.#position || readable?.positionAfter(horizon + 1) !== undefined
      if (rows) return rows
    } finally {
      log?.close()
    }
    return this.#ask(published, rowsMax)
  }

  /** The outbox's rows between the last place and the horizon; undefined if the log cannot tell. */
  #newRows(log: WalFile, horizon: number, published: number): OutboxRow[] | undefined {
    const from = this.#position
    if (!from || !log.continues(from) || horizon < from.frame) return undefined
    const count = horizon - from.frame
    if (count === 0) return []
    if (count * log.frameBytes > readBytesMax) return undefined
    const frames = log.frames(from, horizon)
    const databasePages = frames.at(-1)?.databasePages ?? 0
    if (frames.length < count || databasePages !== this.#databasePages()) return undefined

    const pages = new Map<number, Buffer>()
    for (const { pageNumber, page } of frames) if (pageNumber <= databasePages) pages.set(pageNumber, page)
    // SQLite, too, goes by the first page anew in each transaction: by an older number it would see other rows, or none.
    const first = pages.get(1)
    if (first) this.#format = { ...this.#format, usableBytes: usableBytesBy(first) }
    try {
      const rows = outboxRowsIn(pages, published, this.#format)
      return this.#confirmed(rows, published) ? rows : undefined
    } catch (error) {
      if (error instanceof MalformedError) return undefined
      throw error
    }
  }

  #confirmed(rows: OutboxRow[], published: number): boolean {
    if (rows.length === 0) return true
    if (rows.at(-1)?.position !== published + rows.length) return false
    const ids = outboxIds(this.#store, published, published + rows.length)
    return ids.length === rows.length && rows.every((row, index) => row.message_id === ids[index])
  }

  #ask(published: number, rowsMax: number): OutboxRow[] {
    const { rows, more } = outboxRows(this.#store, published, rowsMax)
    this.#behind = more
    return rows
  }

  /**
   * The size by the database's first page (section 1.3.7). Of a log whose last commit gives a smaller one SQLite recovers nothing,
   * and it reads no page beyond. Another one is found, too, if the database has just grown: then the table is asked, once.
   */
  #databasePages(): number {
    return this.#store.sql<{ page_count: number }>("PRAGMA page_count").get()?.page_count ?? 0
  }

  /** How many frames of the log are committed and seen by every new reader. This kind of checkpoint writes nothing. */
  #horizon(): number {
    const frames = this.#store.sql<{ log: number }>("PRAGMA wal_checkpoint(NOOP)").get()?.log ?? -1
    if (frames >= 0) return frames
    const mode = this.#store.database.pragma("journal_mode", { simple: true })
    throw new BrokerError(
      "NOT_WAL",
      `"${this.#store.database.name}" is in journal mode "${mode}", and tailing reads the write-ahead log: set PRAGMA journal_mode = WAL, or use method "polling".`,
    )
  }
}

function pageFormat(store: Store): PageFormat {
  const encoding = store.database.pragma("encoding", { simple: true }) as TextEncoding
  const pageBytes = Number(store.database.pragma("page_size", { simple: true }))
  return { encoding, usableBytes: pageBytes - reservedBytes(store) }
}

/**
 * How many bytes at the end of each page the database leaves to an extension (a checksum, say): none, but for rare ones.
 * Only the first page of the file tells, which is not ours to open. What is missing from a page that holds nothing
 * but one small row tells it too: the page header takes 8 bytes, the cell's pointer 2, its size and its rowid 1 each.
 */
function reservedBytes(store: Store): number {
  const page = store
    .sql<{ bytes: number }>("SELECT pgsize - payload - unused - 12 AS bytes FROM dbstat WHERE name = 'waystation_relay' AND ncell = 1")
    .get()
  return page?.bytes ?? 0
}
