import { BrokerError } from "../errors.ts"
import type { Store } from "./store.ts"

/**
 * Brings a component's tables up to date: `versions[n]` is the SQL that leads from version n to n + 1. Append only:
 * a version that was ever published is never changed. Safe to race: the first process to get the lock does the work.
 * @throws {BrokerError} code `NEWER_FILE` if a newer Waystation wrote the file
 */
export function migrate(store: Store, component: string, versions: readonly string[]): void {
  const before = store.read(() => versionOf(store, component))
  if (before === versions.length) return
  refuseNewer(store, component, before, versions.length)
  store.transaction(() => {
    // Not SQLite's user_version: in a caller's file that belongs to the caller.
    store.database.exec("CREATE TABLE IF NOT EXISTS waystation_schema (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT")
    const current = versionOf(store, component)
    refuseNewer(store, component, current, versions.length)
    for (const sql of versions.slice(current)) store.database.exec(sql)
    store
      .sql(
        "INSERT INTO waystation_schema (component, version) VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET version = excluded.version",
      )
      .run(component, versions.length)
  })
}

function versionOf(store: Store, component: string): number {
  const table = store.sql("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'waystation_schema'").get()
  if (!table) return 0
  const row = store.sql<{ version: number }>("SELECT version FROM waystation_schema WHERE component = ?").get(component)
  return row?.version ?? 0
}

function refuseNewer(store: Store, component: string, found: number, known: number): void {
  if (found <= known) return
  throw new BrokerError(
    "NEWER_FILE",
    `"${store.database.name}" holds version ${found} of the ${component}'s tables, and this Waystation knows version ${known}: use a newer Waystation. Nothing was changed.`,
  )
}
