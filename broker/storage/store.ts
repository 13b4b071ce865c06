import type BetterSqlite3 from "better-sqlite3"
import type { Clock } from "../clock.ts"
import { type Database, isBusy, retryWhileBusy } from "./database.ts"

export type Value = string | number | null | Uint8Array
type Values = (Value | readonly Value[] | Readonly<Record<string, Value>>)[]
export type Statement<Row = unknown> = BetterSqlite3.Statement<Values, Row>

/**
 * A bound integer, where rows are searched by less than a whole unique key, and after LIMIT. This SQLite keeps column
 * statistics (STAT4), and plans a statement that compares an indexed column with a bare `?`, or stops after `?` rows,
 * anew each time it runs, in case the value changes the plan: that took 34 µs of a claim's 37. With a cast in between it
 * plans once.
 */
export const boundInteger = "CAST(? AS INTEGER)"

/** A statement that inserts one row, and one that inserts several. */
export interface Insert {
  readonly columns: number
  readonly one: string
  readonly several: string
}

/** To call a statement and to count its AUTOINCREMENT on cost as much as the row: ten at a time, a row takes half of it. */
const rowsPerInsert = 10

/** `into`: "INSERT INTO table (columns)". */
export function insertOf(into: string): Insert {
  const columns = into.split(",").length
  const row = `(${Array(columns).fill("?").join(", ")})`
  return { columns, one: `${into} VALUES ${row}`, several: `${into} VALUES ${Array(rowsPerInsert).fill(row).join(", ")}` }
}

interface Effect {
  run: () => void
  happened: () => boolean
}

/**
 * One connection with its clock and its chance: all that a pattern needs in order to keep its rows.
 * Every statement goes through the handle that was given, so that a handle which counts, delays or fails
 * statements sees each of them.
 */
export class Store {
  readonly database: Database
  readonly clock: Clock
  readonly random: () => number
  readonly #owned: boolean
  readonly #statements = new Map<string, Statement>()
  #effects: Effect[] = []
  #effectsOfCallers: Effect[] = []
  #depth = 0

  constructor(database: Database, options: { clock: Clock; random: () => number; owned: boolean }) {
    this.database = database
    this.clock = options.clock
    this.random = options.random
    this.#owned = options.owned
  }

  /** Whole milliseconds since the epoch, as the tables keep them. */
  now(): number {
    return Math.floor(this.clock.now())
  }

  /** The statement of this text, prepared once. Values are bound, never part of the text. */
  sql<Row = unknown>(text: string): Statement<Row> {
    let statement = this.#statements.get(text)
    if (!statement) {
      // A caller may have set its handle to BigInt; ids and times here are all below 2^53.
      statement = this.database.prepare<Values, unknown>(text).safeIntegers(false)
      this.#statements.set(text, statement)
    }
    return statement as Statement<Row>
  }

  /** Inserts rows, in order, whose values stand one after another in `values`. Returns the last one's rowid. */
  insertRows(insert: Insert, values: readonly Value[]): number {
    let rowid = 0
    for (let start = 0; start < values.length; ) {
      const several = values.length - start >= insert.columns * rowsPerInsert
      const end = start + insert.columns * (several ? rowsPerInsert : 1)
      rowid = this.sql(several ? insert.several : insert.one).run(values.slice(start, end)).lastInsertRowid as number
      start = end
    }
    return rowid
  }

  /** Whether a statement run now joins a transaction that is already open on this connection. */
  get inTransaction(): boolean {
    return this.database.inTransaction
  }

  /**
   * BEGIN IMMEDIATE … COMMIT around `work`; inside another transaction a savepoint, undone alone if `work` throws.
   * Waits for other writers, synchronously.
   * @throws {TypeError} if `work` returns a promise: a transaction held across an await takes in strangers' work
   */
  transaction<T>(work: () => T): T {
    if (this.inTransaction) return this.#savepoint(work)
    retryWhileBusy(() => this.#begin(), this.random)
    return this.#complete(work)
  }

  /** The same for a caller that waits asynchronously: `undefined`, and nothing done, if another connection holds the lock. */
  tryTransaction<T>(work: () => T): { result: T } | undefined {
    try {
      this.#begin()
    } catch (error) {
      if (isBusy(error)) return undefined
      throw error
    }
    return { result: this.#complete(work) }
  }

  /** Reads outside a transaction can meet a lock too, for moments: while another process recovers or closes the file. */
  read<T>(work: () => T): T {
    return retryWhileBusy(work, this.random)
  }

  /** Several reads of one moment. Takes no lock that would hold a writer up. */
  view<T>(work: () => T): T {
    if (this.inTransaction) return work()
    return this.read(() => {
      this.sql("BEGIN").run()
      try {
        return work()
      } finally {
        this.sql("COMMIT").run()
      }
    })
  }

  /**
   * Calls `run` once the outermost transaction has committed, and never if the part that asked is rolled back.
   * Of a transaction that the caller began by itself only the end can be seen: then `happened` decides.
   */
  afterCommit(run: () => void, happened: () => boolean = () => true): void {
    if (this.#depth > 0) {
      this.#effects.push({ run, happened })
      return
    }
    if (this.#effectsOfCallers.length === 0) this.clock.defer(() => this.#awaitCallersEnd())
    this.#effectsOfCallers.push({ run, happened })
  }

  #begin(): void {
    if (this.#owned) {
      this.sql("BEGIN IMMEDIATE").run()
      return
    }
    // The caller's handle waits inside SQLite, which would stop the event loop: not for us.
    const timeoutMs = Number(this.database.pragma("busy_timeout", { simple: true }))
    this.database.pragma("busy_timeout = 0")
    try {
      this.sql("BEGIN IMMEDIATE").run()
    } finally {
      this.database.pragma(`busy_timeout = ${timeoutMs}`)
    }
  }

  #complete<T>(work: () => T): T {
    let result: T
    this.#depth++
    try {
      result = refusePromise(work())
      this.sql("COMMIT").run()
    } catch (error) {
      this.#effects = []
      if (this.inTransaction) this.sql("ROLLBACK").run()
      throw error
    } finally {
      this.#depth--
    }
    const effects = this.#effects
    this.#effects = []
    for (const effect of effects) effect.run()
    return result
  }

  #savepoint<T>(work: () => T): T {
    const effects = this.#depth > 0 ? this.#effects : this.#effectsOfCallers
    const effectsBefore = effects.length
    this.sql("SAVEPOINT waystation").run()
    try {
      const result = refusePromise(work())
      this.sql("RELEASE waystation").run()
      return result
    } catch (error) {
      effects.length = Math.min(effects.length, effectsBefore)
      // A full disk or a failed write may have ended the whole transaction already.
      if (this.inTransaction) {
        this.sql("ROLLBACK TO waystation").run()
        this.sql("RELEASE waystation").run()
      }
      throw error
    }
  }

  #awaitCallersEnd(): void {
    if (!this.database.open) return
    if (this.inTransaction) {
      this.clock.setTimer(5, () => this.#awaitCallersEnd())
      return
    }
    const effects = this.#effectsOfCallers
    this.#effectsOfCallers = []
    for (const effect of effects.filter(({ happened }) => happened())) effect.run()
  }
}

function refusePromise<T>(result: T): T {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== "function") return result
  if (result instanceof Promise) result.catch(() => {})
  throw new TypeError(
    "The work of a transaction must be synchronous, and this one returned a promise: it was rolled back. Await first, then open the transaction.",
  )
}
