import BetterSqlite3 from "better-sqlite3"
import type { Database } from "../storage/database.ts"

/** One thing that a process does to what outlives it. */
export interface Effect {
  readonly kind: "write" | "commit" | "publish" | "outside"
  /** The file, or where it was published to. */
  readonly where: string
  /** In a few words: the statement's verb and table, the message, the name of an outside effect. */
  readonly what: string
}

export function effectInWords({ kind, what, where }: Effect): string {
  const name = kind === "publish" ? `publish ${what}` : what
  return where === "" ? name : `${name} (${where})`
}

/** Told of everything that goes through an instrumented handle; a call that throws stops it. */
export interface Witness {
  /** Before any call at all: a dead process makes none. */
  alive(): void
  /** Before a transaction takes the write lock. */
  beginning(database: Database): void
  before(effect: Effect, database: Database): void
  after(effect: Effect, database: Database): void
}

type Kind = "begin" | "commit" | "write" | "read" | "control"
type Call = (...parameters: unknown[]) => unknown
interface Patched {
  readonly readonly: boolean
  run: Call
  get: Call
  all: Call
  iterate: Call
}

/**
 * Lets a witness see, and stop, every statement that goes through the handle. The handle stays the object that the
 * driver made, with some of its methods replaced: `instanceof` holds, and code that is given it notices nothing.
 *
 * Two settings are taken note of and not made: syncing, because what dies here is a process, never the machine; and
 * waiting for locks, because in one thread nobody could let go of a lock meanwhile. Both would only cost time.
 */
export function instrument(database: Database, file: string, witness: Witness): Database {
  const prepare = database.prepare.bind(database) as (sql: string) => Patched
  const exec = database.exec.bind(database)
  const pragma = database.pragma.bind(database)
  pragma("synchronous = OFF")
  const ignored: Ignored = { synchronous: 2, busy_timeout: 0 }

  // The commit of a transaction that only read changes nothing.
  let written = false

  const performed = (kind: Kind, what: string, work: () => unknown): unknown => {
    witness.alive()
    if (kind === "begin") witness.beginning(database)
    if (!database.inTransaction) written = false
    if (kind === "write") written = true
    if (kind !== "write" && !(kind === "commit" && written)) return work()
    const effect: Effect = { kind, where: file, what }
    witness.before(effect, database)
    const result = work()
    witness.after(effect, database)
    return result
  }

  const controls = new Map<string, BetterSqlite3.Statement>()
  const control = (sql: string): void => {
    const statement = controls.get(sql) ?? database.prepare(sql)
    controls.set(sql, statement)
    statement.run()
  }

  const methods = {
    prepare(sql: string) {
      witness.alive()
      const statement = prepare(sql)
      const kind = kindOf(sql, statement.readonly)
      const what = kind === "read" ? "" : inWords(sql)
      for (const name of ["run", "get", "all", "iterate"] as const) {
        const call = statement[name]
        statement[name] = (...parameters) => performed(kind, what, () => call.apply(statement, parameters))
      }
      return statement
    },
    exec(sql: string) {
      performed(kindOf(sql, false), inWords(sql), () => exec(sql))
      return database
    },
    pragma(source: string, options?: BetterSqlite3.PragmaOptions) {
      witness.alive()
      return answered(source, options, ignored) ?? pragma(source, options)
    },
    // The driver's own would talk to the file past the methods above.
    transaction: (work: Call) => transactionFunction(database, work, control),
  }
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(database, name, { value, configurable: true })
  return database
}

/** The error that SQLite gives when the disk is full, a write fails, or another connection holds the lock. */
export function sqliteError(code: "SQLITE_FULL" | "SQLITE_IOERR_WRITE" | "SQLITE_BUSY"): Error {
  const messages = { SQLITE_FULL: "database or disk is full", SQLITE_IOERR_WRITE: "disk I/O error", SQLITE_BUSY: "database is locked" }
  return new BetterSqlite3.SqliteError(messages[code], code)
}

function kindOf(sql: string, readonly: boolean): Kind {
  const verb = firstWord(sql)
  if (verb === "BEGIN") return /\b(IMMEDIATE|EXCLUSIVE)\b/i.test(sql) ? "begin" : "control"
  if (verb === "COMMIT" || verb === "END") return "commit"
  if (verb === "SAVEPOINT" || verb === "RELEASE" || verb === "ROLLBACK" || verb === "PRAGMA") return "control"
  return readonly ? "read" : "write"
}

function firstWord(sql: string): string {
  return (/^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(\w+)/.exec(sql)?.[1] ?? "").toUpperCase()
}

/** "INSERT INTO orders …" is told as "INSERT orders". */
function inWords(sql: string): string {
  const verb = firstWord(sql)
  const table = /\b(?:INTO|UPDATE(?:\s+OR\s+\w+)?|FROM|TABLE(?:\s+IF\s+NOT\s+EXISTS)?|INDEX(?:\s+IF\s+NOT\s+EXISTS)?)\s+["'`[]?(\w+)/i.exec(
    sql,
  )?.[1]
  return table === undefined ? verb : `${verb} ${table}`
}

/** Settings that the code may make and read back, and that have no effect here. */
interface Ignored {
  synchronous: number
  busy_timeout: number
}

const syncLevels = ["OFF", "NORMAL", "FULL", "EXTRA"]

function answered(source: string, options: BetterSqlite3.PragmaOptions | undefined, ignored: Ignored): unknown {
  const match = /^\s*(synchronous|busy_timeout)\s*(?:=\s*(\w+)\s*)?;?\s*$/i.exec(source)
  if (!match) return undefined
  const name = (match[1] as string).toLowerCase() as keyof Ignored
  const level = syncLevels.indexOf(match[2]?.toUpperCase() ?? "")
  if (match[2] !== undefined) ignored[name] = level >= 0 ? level : Number(match[2])
  if (match[2] !== undefined && name === "synchronous") return []
  return options?.simple === true ? ignored[name] : [{ [name === "synchronous" ? name : "timeout"]: ignored[name] }]
}

/** As the driver documents `transaction()`, with the variants `deferred`, `immediate` and `exclusive`. */
function transactionFunction(database: Database, work: Call, run: (control: string) => void) {
  const variant = (begin: string) =>
    function (this: unknown, ...parameters: unknown[]): unknown {
      const nested = database.inTransaction
      run(nested ? "SAVEPOINT waystation_testing" : begin)
      try {
        const result = work.apply(this, parameters)
        if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
          throw new TypeError("Transaction function cannot return a promise")
        }
        run(nested ? "RELEASE waystation_testing" : "COMMIT")
        return result
      } catch (error) {
        if (database.inTransaction) {
          run(nested ? "ROLLBACK TO waystation_testing" : "ROLLBACK")
          if (nested) run("RELEASE waystation_testing")
        }
        throw error
      }
    }
  const variants = {
    default: variant("BEGIN"),
    deferred: variant("BEGIN DEFERRED"),
    immediate: variant("BEGIN IMMEDIATE"),
    exclusive: variant("BEGIN EXCLUSIVE"),
  }
  return Object.assign(variants.default, variants, { database })
}
