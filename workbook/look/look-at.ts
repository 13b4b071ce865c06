import BetterSqlite3 from "better-sqlite3"
import { systemClock } from "../../broker/clock.ts"
import { type BrokerSnapshot, snapshot } from "../../broker/inspect.ts"
import { assertRuntimeSupported } from "../../broker/storage/database.ts"
import { Store } from "../../broker/storage/store.ts"

/** What can be seen in a file. */
export interface Sight {
  readonly broker: BrokerSnapshot | undefined
  /** Rows of an outbox in this file that no relay has published yet. */
  readonly backlog: number | undefined
}

/** Looks into a broker's file, or a service's database with an outbox, and never writes into it. */
export class Looker implements Disposable {
  readonly #store: Store

  /** @throws {Error} if there is no such file, or it is no SQLite database */
  constructor(path: string) {
    assertRuntimeSupported()
    const database = new BetterSqlite3(path, { readonly: true, fileMustExist: true })
    this.#store = new Store(database, { clock: systemClock, random: Math.random, owned: true })
  }

  look(): Sight {
    const store = this.#store
    return store.view(() => ({
      broker: this.#has("waystation_channel") ? snapshot(store) : undefined,
      backlog: this.#has("waystation_outbox") ? this.#backlog() : undefined,
    }))
  }

  [Symbol.dispose](): void {
    this.#store.database.close()
  }

  #has(table: string): boolean {
    return this.#store.sql("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) !== undefined
  }

  #backlog(): number {
    const published = this.#has("waystation_relay") ? "coalesce((SELECT max(published) FROM waystation_relay), 0)" : "0"
    const row = this.#store.sql<{ count: number }>(`SELECT count(*) AS count FROM waystation_outbox WHERE position > ${published}`).get()
    return row?.count ?? 0
  }
}
