// ko: 처리하기 전에 오프셋을 커밋한다. 처리하다 죽으면 그 항목을 건너뛴다
// en: Commits the offset before handling: after a crash the entry is left out
// caught by: [6]
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
  database
    .prepare("INSERT INTO committed VALUES (?, ?) ON CONFLICT (consumer_group) DO UPDATE SET offset = excluded.offset")
    .run(group, offset)
}

/** Task 6. Committed only when it is handled; the next one is behind this entry, wherever that is. */
export async function consumeNext(database: Database, group: string, handle: (entry: Entry) => Promise<void>): Promise<boolean> {
  const [entry] = read(database, committed(database, group), 1)
  if (entry) commit(database, group, entry.offset + 1)
  if (entry) await handle(entry)
  return entry !== undefined
}
