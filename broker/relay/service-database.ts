import { statSync } from "node:fs"
import BetterSqlite3 from "better-sqlite3"
import type { Clock } from "../clock.ts"
import { BrokerError } from "../errors.ts"
import { shown } from "../options.ts"
import { assertOutbox } from "../outbox.ts"
import { assertRuntimeSupported, type Database, openDatabase, sqliteCode } from "../storage/database.ts"
import { Store } from "../storage/store.ts"

/** The service's database as its relay sees it: somebody else's, to be found and never made. */
export class ServiceDatabase {
  readonly #location: Database | string
  readonly #parts: { clock: Clock; random: () => number }
  #store: Store | undefined
  #file: DatabaseFile | undefined

  constructor(location: Database | string, parts: { clock: Clock; random: () => number }) {
    if (typeof location !== "string") assertHandle(location)
    else if (location === ":memory:" || location.trim() === "") {
      throw new TypeError(
        `A relay by path needs the path of the service's database file: got ${shown(location)}. Hand over the open handle of one in memory.`,
      )
    }
    this.#location = location
    this.#parts = parts
  }

  get name(): string {
    return typeof this.#location === "string" ? this.#location : this.#location.name
  }

  /** What is open, if anything is: after a failure there may be nothing. */
  get store(): Store | undefined {
    return this.#store?.database.open ? this.#store : undefined
  }

  /** The file's own path, without links: its log lies beside it. Absent for a database in memory. */
  get path(): string | undefined {
    return this.#file?.path
  }

  /**
   * Opens the database, or looks whether the open one is still the file that it was.
   * @throws {BrokerError} codes `CANNOT_OPEN`, `NOT_A_DATABASE`, `NO_OUTBOX`, `FILE_GONE`, `DATABASE_CLOSED`, `UNSUPPORTED_RUNTIME`
   */
  open(): Store {
    if (this.#store) {
      this.#assertThere(this.#store)
      return this.#store
    }
    if (typeof this.#location === "string") this.#store = this.#openFile(this.#location)
    else {
      assertHandle(this.#location)
      this.#store = new Store(this.#location, { ...this.#parts, owned: false })
    }
    try {
      assertOutbox(this.#store)
      this.#file = fileOf(this.#store, typeof this.#location === "string")
    } catch (error) {
      this.close()
      throw explained(this.name, error)
    }
    return this.#store
  }

  /** The same error in a sentence that says what is, as far as it can be known. */
  explain(error: unknown): unknown {
    try {
      // "SQL logic error" mostly means that the outbox's tables have gone while the relay was at work.
      if (sqliteCode(error) === "SQLITE_ERROR" && this.store) assertOutbox(this.store)
    } catch (found) {
      return found
    }
    return explained(this.name, error)
  }

  /** Closes what was opened here; a handle stays the caller's. */
  close(): void {
    if (typeof this.#location === "string" && this.#store?.database.open) this.#store.database.close()
    this.#store = undefined
    this.#file = undefined
  }

  /** SQLite would go on for ever with a file that was removed, or replaced by another: nobody else writes that one. */
  #assertThere({ database }: Store): void {
    if (!database.open) throw new BrokerError("DATABASE_CLOSED", `The handle of "${database.name}" was closed: stop the relay first.`)
    const gone = this.#file?.inodes.find(({ path, inode }) => inodeOf(path) !== inode)
    if (!gone) return
    throw new BrokerError(
      "FILE_GONE",
      `"${gone.path}" was removed, moved or replaced while its relay had it open: the relay opens what is there now, or waits for it.`,
    )
  }

  #openFile(path: string): Store {
    assertRuntimeSupported()
    const file = statSync(path, { throwIfNoEntry: false })
    if (!file) {
      throw new BrokerError("CANNOT_OPEN", `"${path}" does not exist: a relay reads the database of a service, it does not make one.`)
    }
    if (file.isDirectory()) throw new BrokerError("CANNOT_OPEN", `"${path}" is a directory: name the service's database file.`)
    let database: Database | undefined
    try {
      database = new BetterSqlite3(path, { fileMustExist: true, timeout: 0 })
      // The journal mode is the service's choice. In WAL mode better-sqlite3 leaves commits unsynced, so set what a relay needs.
      if (database.pragma("journal_mode", { simple: true }) === "wal") openDatabase(database, "full")
    } catch (error) {
      database?.close()
      throw explained(path, error)
    }
    return new Store(database, { ...this.#parts, owned: true })
  }
}

function assertHandle(handle: Database): void {
  if (!(handle instanceof BetterSqlite3)) {
    throw new TypeError(`A relay takes a path or the service's open better-sqlite3 handle: got ${shown(handle)}.`)
  }
  if (!handle.open) throw new BrokerError("DATABASE_CLOSED", `The handle of "${handle.name}" is closed: hand over an open one.`)
  if (handle.readonly) {
    throw new BrokerError("READ_ONLY", `The handle of "${handle.name}" can only read, and a relay records how far it is.`)
  }
}

interface DatabaseFile {
  path: string
  /** What SQLite has open. Through another file of that name it would not see what others write, nor they what it writes. */
  inodes: { path: string; inode: bigint }[]
}

/**
 * SQLite has followed relative paths and links already. Beside a connection of ours SQLite never removes the log and its
 * index; beside a caller's it may, when the caller leaves WAL mode.
 */
function fileOf(store: Store, ours: boolean): DatabaseFile | undefined {
  const main = store
    .sql<{ name: string; file: string }>("PRAGMA database_list")
    .all()
    .find(({ name }) => name === "main")
  if (!main?.file) return undefined
  const paths = ours ? ["", "-wal", "-shm"].map((suffix) => main.file + suffix) : [main.file]
  const inodes = paths.flatMap((path) => {
    const inode = inodeOf(path)
    return inode === undefined ? [] : [{ path, inode }]
  })
  return { path: main.file, inodes }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { throwIfNoEntry: false, bigint: true })?.ino
}

/** What SQLite says in a word, in a sentence. */
function explained(name: string, error: unknown): unknown {
  const code = sqliteCode(error)
  const cause = { cause: error }
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    return new BrokerError("NOT_A_DATABASE", `"${name}" is not a SQLite database, or a damaged one: nothing in it was changed.`, cause)
  }
  if (code.startsWith("SQLITE_READONLY")) {
    return new BrokerError(
      "READ_ONLY",
      `"${name}", or its -wal or -shm file, can only be read, and a relay records how far it is: change its permissions.`,
      cause,
    )
  }
  if (code.startsWith("SQLITE_CANTOPEN") || code.startsWith("SQLITE_IOERR") || code === "SQLITE_PERM") {
    return new BrokerError("CANNOT_OPEN", `"${name}" cannot be read (${code}): are it and its directory readable and writable?`, cause)
  }
  if (code === "SQLITE_FULL") {
    return new BrokerError("DISK_FULL", `The disk of "${name}" is full: the relay goes on when there is room.`, cause)
  }
  const { syscall, code: errno } = error as { syscall?: unknown; code?: unknown }
  if (syscall)
    return new BrokerError("CANNOT_OPEN", `The log of "${name}" cannot be read (${errno}): is it a file that this process may read?`, cause)
  return error
}
