import { existsSync, statSync } from "node:fs"
import { dirname } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { BrokerError } from "../errors.ts"

/** A better-sqlite3 connection: one SQLite file, opened once. */
export type Database = BetterSqlite3.Database

/**
 * `"full"`: what was acknowledged survives a power cut, at one sync of the disk per commit.
 * `"normal"`: it survives a killed process; a power cut may take the last commits, never the file.
 */
export type Durability = "full" | "normal"

/** Two copies of SQLite in one process destroy a file that both open: closing either drops the other's POSIX locks. */
const driverRegistry = Symbol.for("waystation.better-sqlite3")

/**
 * Stops with one sentence where the driver's native code would take the whole process down (it does on Node 20).
 * @throws {BrokerError} code `UNSUPPORTED_RUNTIME`
 */
export function assertRuntimeSupported(versions: Record<string, string | undefined> = process.versions): void {
  const needed = versions.bun
    ? ["Bun", versions.bun, "1.4"]
    : versions.deno
      ? ["Deno", versions.deno, "2.9"]
      : ["Node", versions.node, "22.14"]
  const [runtime, actual = "0", least = "0"] = needed
  // The driver needs Node-API 10, which Node 23 has only from 23.6 on.
  if (isAtLeast(actual, least) && Number(versions.napi ?? 10) >= 10) return
  throw new BrokerError(
    "UNSUPPORTED_RUNTIME",
    `Waystation needs ${runtime} ${least} or newer, and this is ${runtime} ${actual}: install a newer one (in Waystation's own checkout, npm start and npm test bring theirs).`,
  )
}

function isAtLeast(actual: string, least: string): boolean {
  const [major = 0, minor = 0] = actual.split(".").map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

/**
 * Opens a file (made if it is not there) or takes the caller's handle, in WAL mode and at the durability asked for.
 * `owned` tells whether closing is ours to do.
 * @throws {BrokerError} codes `UNSUPPORTED_RUNTIME`, `CANNOT_OPEN`, `NOT_A_DATABASE`, `READ_ONLY`, `SECOND_DRIVER`
 */
export function openDatabase(location: string | Database, durability: Durability): { database: Database; owned: boolean } {
  assertRuntimeSupported()
  assertOneDriver()
  if (typeof location !== "string") {
    assertUsableHandle(location)
    configure(location, durability)
    return { database: location, owned: false }
  }
  const database = openFile(location)
  try {
    configure(database, durability)
  } catch (error) {
    database.close()
    throw error
  }
  return { database, owned: true }
}

function assertOneDriver(): void {
  const registry = globalThis as { [driverRegistry]?: unknown }
  registry[driverRegistry] ??= BetterSqlite3
  if (registry[driverRegistry] === BetterSqlite3) return
  throw secondDriver("Another copy of Waystation in this process uses another copy of better-sqlite3")
}

function secondDriver(what: string): BrokerError {
  return new BrokerError(
    "SECOND_DRIVER",
    `${what}. Two copies of SQLite in one process can destroy a file that both open: install better-sqlite3 once (npm ls better-sqlite3 shows where they are).`,
  )
}

function assertUsableHandle(handle: Database): void {
  if (!(handle instanceof BetterSqlite3)) {
    const given = handle as { prepare?: unknown; constructor?: { name?: string } } | null | undefined
    if (typeof given?.prepare === "function") throw secondDriver("The handle given is not of the better-sqlite3 that Waystation uses")
    throw new TypeError(`Expected a path, ":memory:" or an open better-sqlite3 handle, got ${describe(handle)}.`)
  }
  if (!handle.open) throw new BrokerError("CANNOT_OPEN", `The handle of "${handle.name}" is closed: hand over an open one.`)
  if (handle.readonly) throw readOnly(handle.name)
  if (handle.inTransaction) {
    throw new BrokerError("CANNOT_OPEN", `The handle of "${handle.name}" is inside a transaction: commit it or roll it back first.`)
  }
}

function describe(value: unknown): string {
  if (value === null) return "null"
  return typeof value === "object" ? `an object of class ${value.constructor?.name ?? "Object"}` : `${typeof value} ${String(value)}`
}

function readOnly(name: string): BrokerError {
  return new BrokerError("READ_ONLY", `"${name}" can only be read, and a broker must write: change its permissions, or name another file.`)
}

function openFile(path: string): Database {
  if (path.trim() === "") throw new TypeError('Expected a path or ":memory:", got an empty string.')
  if (path.includes("\0")) throw new TypeError("Expected a path, got a string with a NUL character.")
  if (path !== ":memory:") {
    if (!existsSync(dirname(path)))
      throw new BrokerError("CANNOT_OPEN", `"${path}" cannot be opened: the directory "${dirname(path)}" does not exist.`)
    if (isDirectory(path)) {
      throw new BrokerError("CANNOT_OPEN", `"${path}" is a directory: name a file in it.`)
    }
  }
  try {
    // No busy timeout: waiting inside SQLite stops the event loop, and with it every lease renewal. See Store.
    return new BetterSqlite3(path, { timeout: 0 })
  } catch (error) {
    throw explained(path, error)
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // Not there yet, or not to be reached: the driver says so better.
    return false
  }
}

/** What every later statement relies on: set, then read back, because SQLite ignores in silence what it cannot do. */
function configure(database: Database, durability: Durability): void {
  const synchronous = durability === "full" ? 2 : 1
  try {
    retryWhileBusy(() => {
      const mode = database.pragma("journal_mode = WAL", { simple: true })
      const memory = database.memory || database.name === ""
      if (mode !== "wal" && !(memory && mode === "memory")) {
        throw new BrokerError(
          "CANNOT_OPEN",
          `"${database.name}" stays in journal mode "${mode}", and a broker needs "wal": is it on a network file system?`,
        )
      }
      database.pragma(`synchronous = ${synchronous}`)
      // A sync on macOS leaves the data in the drive's own cache unless it is asked for in full.
      database.pragma(`fullfsync = ${durability === "full" ? 1 : 0}`)
      // After one long reader the log would otherwise keep its greatest size for ever.
      database.pragma("journal_size_limit = 67108864")
    })
  } catch (error) {
    throw explained(database.name, error)
  }
  const set = database.pragma("synchronous", { simple: true })
  if (Number(set) !== synchronous) {
    throw new BrokerError(
      "CANNOT_OPEN",
      `"${database.name}" keeps synchronous = ${set}, and durability "${durability}" needs ${synchronous}.`,
    )
  }
}

function explained(name: string, error: unknown): unknown {
  const code = sqliteCode(error)
  const cause = { cause: error }
  if (code === "SQLITE_NOTADB" || code === "SQLITE_CORRUPT") {
    return new BrokerError("NOT_A_DATABASE", `"${name}" is not a SQLite database, or a damaged one: nothing in it was changed.`, cause)
  }
  if (code.startsWith("SQLITE_READONLY")) return Object.assign(readOnly(name), cause)
  if (code.startsWith("SQLITE_CANTOPEN") || code === "SQLITE_PERM" || code.startsWith("SQLITE_IOERR")) {
    return new BrokerError("CANNOT_OPEN", `"${name}" cannot be opened (${code}): is its directory writable?`, cause)
  }
  return error
}

/** The driver's error code, or "" for anything that is not its error. */
export function sqliteCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : ""
}

/** Another connection holds a lock that this statement needs. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error).startsWith("SQLITE_BUSY")
}

const sleeper = new Int32Array(new SharedArrayBuffer(4))
const busyAttemptsMax = 10_000

/**
 * Runs `work` until no other connection is in its way, about half a minute at most. For what has to be synchronous;
 * sends and consumers wait asynchronously (`GroupCommit`). Short waits of uneven length share a lock fairly where
 * SQLite's own growing waits let one of eight writers starve for seconds.
 * @throws {BrokerError} code `LOCKED`
 */
export function retryWhileBusy<T>(work: () => T, random: () => number = Math.random): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (attempt === busyAttemptsMax) {
        throw new BrokerError("LOCKED", "Another connection has held the database's lock for half a minute: nothing was changed.", {
          cause: error,
        })
      }
      Atomics.wait(sleeper, 0, 0, 1 + random() * 4)
    }
  }
}
