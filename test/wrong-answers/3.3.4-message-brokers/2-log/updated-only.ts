// ko: UPDATE만 한다. 처음 커밋하는 그룹에는 행이 없어 아무것도 적히지 않는다
// en: Only updates: a group that commits for the first time has no row, and nothing is written
// caught by: [5]
import type { Database } from "#waystation"

// The tables are there: log (offset INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT),
// and committed (consumer_group TEXT PRIMARY KEY, offset INTEGER): the entry that the group is to handle next.

/** A line of the log. Its offset is its place for good, also when older entries are gone. */
export type Entry = { readonly offset: number; readonly body: string }

/** Task 4. The database counts the offsets up. */
export function append(database: Database, body: string): number {
  return Number(database.prepare("INSERT INTO log (body) VALUES (?)").run(body).lastInsertRowid)
}

/** Task 4. By offset, not by the number of rows to skip: that changes when retention drops old ones. */
export function read(database: Database, from: number, max: number): Entry[] {
  const entries = database.prepare<[number, number], Entry>("SELECT offset, body FROM log WHERE offset >= ? ORDER BY offset LIMIT ?")
  return entries.all(from, max)
}

/** Task 5. One row for each group: the log itself knows nothing of who has read what. */
export function committed(database: Database, group: string): number {
  const row = database.prepare<[string], Entry>("SELECT offset FROM committed WHERE consumer_group = ?").get(group)
  return row?.offset ?? 0
}

/** Task 5. Also backwards: that is a replay. */
export function commit(database: Database, group: string, offset: number): void {
  database.prepare("UPDATE committed SET offset = ? WHERE consumer_group = ?").run(offset, group)
}

/** Task 6. Committed only when it is handled; the next one is behind this entry, wherever that is. */
export async function consumeNext(database: Database, group: string, handle: (entry: Entry) => Promise<void>): Promise<boolean> {
  const [entry] = read(database, committed(database, group), 1)
  if (entry) await handle(entry)
  if (entry) commit(database, group, entry.offset + 1)
  return entry !== undefined
}
