import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import type { Database } from "../storage/database.ts"

/** Files by name, as runs begin with them. */
export type TemplateFiles = ReadonlyMap<string, Buffer>

/** The files of one run: a directory of their own, begun as a copy of the template, and every connection to them. */
export class Sandbox {
  readonly #directory: string
  readonly #open: Database[] = []
  readonly #observers = new Map<string, Database>()

  constructor(template: TemplateFiles = new Map()) {
    this.#directory = mkdtempSync(join(memoryDirectory(), "waystation-"))
    for (const [file, content] of template) writeFileSync(join(this.#directory, file), content)
  }

  /** The files as they are, for runs to begin with. Ends every connection, so that they hold all. */
  toTemplate(): TemplateFiles {
    this.#closeConnections()
    return new Map(this.files.map((file) => [file, readFileSync(join(this.#directory, file))]))
  }

  /** The names of the databases. */
  get files(): string[] {
    return readdirSync(this.#directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !/-(wal|shm|journal)$/.test(entry.name))
      .map((entry) => entry.name)
  }

  /** A new connection. It waits for no lock: in one thread nobody could let go of it meanwhile. */
  connect(file: string): Database {
    if (!/^[\w.-]+$/.test(file))
      throw new TypeError(`Expected a file's name of letters, digits, "_", "-" and ".": got ${JSON.stringify(file)}.`)
    const path = join(this.#directory, file)
    // The broker's nudges come through the operating system, and so in no order that could be repeated. With a directory
    // in their file's place there are none, and its polling, which goes by the virtual clock, does all.
    if (!existsSync(`${path}-wake`)) mkdirSync(`${path}-wake`)
    const database = new BetterSqlite3(path, { timeout: 0 })
    this.#open.push(database)
    return database
  }

  /** The connection that looks at a file without being part of the run. */
  observe(file: string): Database {
    const database = this.#observers.get(file) ?? this.connect(file)
    this.#observers.set(file, database)
    return database
  }

  /**
   * Ends a connection as a kill does: what it had not committed is undone. A killed process does not tidy up its
   * write-ahead log, which SQLite does when the last connection is closed: so another one stays.
   */
  kill(database: Database, exec: (sql: string) => void): void {
    if (!database.open) return
    this.observe(basename(database.name)).prepare("SELECT count(*) FROM sqlite_schema").get()
    if (database.inTransaction) exec("ROLLBACK")
    database.close()
  }

  #closeConnections(): void {
    for (const database of this.#open.splice(0)) database.close()
  }

  remove(): void {
    this.#closeConnections()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

/** Where files live in memory, if the machine has such a place: making and removing them is what costs time here. */
function memoryDirectory(): string {
  try {
    accessSync("/dev/shm", constants.W_OK)
    return "/dev/shm"
  } catch {
    return tmpdir()
  }
}
