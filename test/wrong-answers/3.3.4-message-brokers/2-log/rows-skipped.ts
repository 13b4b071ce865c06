// ko: 오프셋을 건너뛸 행의 수로 쓴다. 오래된 항목이 지워지면 어긋난다
// en: Takes the offset for a number of rows to skip: wrong as soon as old entries are gone
// caught by: [4]
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
  const entries = database.prepare<[number, number], Entry>("SELECT offset, body FROM log ORDER BY offset LIMIT ? OFFSET ?")
  return entries.all(max, Math.max(from - 1, 0))
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
  if (entry) await handle(entry)
  if (entry) commit(database, group, entry.offset + 1)
  return entry !== undefined
}
