import BetterSqlite3 from "better-sqlite3"

export type Database = BetterSqlite3.Database

/** A file at the durability that Waystation has: WAL, every commit synced. */
export function openFull(path: string): Database {
  const database = new BetterSqlite3(path)
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  return database
}

/** One transaction for everything that one turn of the event loop asks for: the least that group commit can be. */
export class Turns {
  readonly #database: Database
  readonly #begin
  readonly #commit
  readonly #work: () => () => void
  #scheduled = false

  /** `work` runs inside the transaction and returns what follows its commit. */
  constructor(database: Database, work: () => () => void) {
    this.#database = database
    this.#begin = database.prepare("BEGIN IMMEDIATE")
    this.#commit = database.prepare("COMMIT")
    this.#work = work
  }

  ask(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (!this.#database.open) return
      this.#begin.run()
      const afterCommit = this.#work()
      this.#commit.run()
      afterCommit()
    })
  }
}

export const leaseMs = 30_000

/** A lease's token: no two claims have the same. */
export function newToken(): number {
  return Math.floor(Math.random() * 2 ** 52)
}
