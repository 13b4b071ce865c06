import type BetterSqlite3 from "better-sqlite3"
import { type Frame, WalFile, type WalPosition } from "../../../broker/relay/wal-file.ts"
import { type Words, words } from "../support/language.ts"

/** Looks into a database's write-ahead log, and tells each transaction that has come since the last look. */
export class LogReader {
  readonly #database: BetterSqlite3.Database
  #position: WalPosition | undefined

  /** @param database a connection that only looks on: while it is open the log stays */
  constructor(database: BetterSqlite3.Database) {
    this.#database = database
  }

  /** A sentence for each committed transaction; with `open` also one for the frames without a commit at the end. */
  news({ open: alsoOpen = false } = {}): Words[] {
    const log = WalFile.open(`${this.#database.name}-wal`)
    if (!log) return []
    try {
      const from = this.#position && log.continues(this.#position) ? this.#position : log.start
      this.#position = from
      const told: Words[] = []
      let open: Frame[] = []
      for (const frame of log.frames(from, log.framesMax)) {
        open.push(frame)
        if (frame.databasePages === 0) continue
        told.push(words("WAL: {0}, 커밋", "the log: {0}, commit", this.#frames(open)))
        this.#position = { ...frame, frame: frame.number }
        open = []
      }
      const last = lastFrame(log, this.#position.frame)
      if (alsoOpen && last)
        told.push(words("WAL: 프레임 {0}–{1}, 커밋 없음", "the log: frames {0}–{1}, no commit", this.#position.frame + 1, last))
      return told
    } finally {
      log.close()
    }
  }

  #frames(frames: readonly Frame[]): Words {
    const [first, last] = [frames[0]?.number, frames.at(-1)?.number]
    const names = new Set(frames.map(({ pageNumber }) => this.#table(pageNumber)))
    const known = [...names].filter((name) => name !== undefined).join(", ")
    const tables = names.size > 4 ? "…" : known
    return first === last
      ? words("프레임 {0}({1})", "frame {0} ({1})", first ?? 0, tables)
      : words("프레임 {0}–{2}({1})", "frames {0}–{2} ({1})", first ?? 0, tables, last ?? 0)
  }

  /** Small tables are one page each: their root. */
  #table(page: number): string | undefined {
    return this.#database.prepare<[number], { name: string }>("SELECT name FROM sqlite_schema WHERE rootpage = ?").get(page)?.name
  }
}

/** Of frames that are not committed the checksums need not fit yet: SQLite may write over them until the commit. */
function lastFrame(log: WalFile, after: number): number | undefined {
  let last: number | undefined
  for (let frame = after + 1; log.positionAfter(frame); frame++) last = frame
  return last
}
