import type BetterSqlite3 from "better-sqlite3"
import type { Database } from "../storage/database.ts"
import type { Details, Entry } from "./history.ts"

/** What became of an outbox's row: it is there from a commit on, and gone from a later one on. */
export interface OutboxChange {
  readonly event: "stored" | "removed"
  readonly details: Details
}

interface Row {
  readonly id: string
  readonly channel: string
  readonly key: string | null
}

const touching = /^(INSERT|DELETE) waystation_outbox$/

/** Sees what commits make of the outboxes of a run. What a transaction wrote and took back was never there. */
export class OutboxWatch {
  readonly #stored = new Map<string, Map<string, Details>>()
  readonly #touched = new Set<Database>()
  readonly #selects = new WeakMap<Database, BetterSqlite3.Statement<[], Row>>()

  /** `history`: what happened so far, as in a scenario's setup. */
  constructor(history: readonly Entry[]) {
    for (const { event, file = "", id = "", channel = "", key } of history) {
      if (event === "stored") this.#of(file).set(id, details(file, { id, channel, key: key ?? null }))
      if (event === "removed") this.#of(file).delete(id)
    }
  }

  /** To be told after each write and commit that a connection has made. `what`: as an effect names it. */
  after(what: string, file: string, database: Database): readonly OutboxChange[] {
    if (touching.test(what)) this.#touched.add(database)
    if (database.inTransaction || !this.#touched.delete(database)) return []
    const before = this.#of(file)
    const now = new Map(this.#rowsOf(database).map((row) => [row.id, details(file, row)]))
    this.#stored.set(file, now)
    return [
      ...[...now].filter(([id]) => !before.has(id)).map(([, details]): OutboxChange => ({ event: "stored", details })),
      ...[...before].filter(([id]) => !now.has(id)).map(([, details]): OutboxChange => ({ event: "removed", details })),
    ]
  }

  #rowsOf(database: Database): Row[] {
    const select =
      this.#selects.get(database) ?? database.prepare("SELECT message_id AS id, channel, key FROM waystation_outbox ORDER BY position")
    this.#selects.set(database, select)
    return select.all()
  }

  #of(file: string): Map<string, Details> {
    const rows = this.#stored.get(file) ?? new Map<string, Details>()
    this.#stored.set(file, rows)
    return rows
  }
}

function details(file: string, { id, channel, key }: Row): Details {
  return { file, id, channel, ...(key === null ? {} : { key }) }
}
