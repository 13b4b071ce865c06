// ko: 남은 항목의 가장 큰 오프셋에 1을 더한다. 로그가 비면 그룹들이 이미 지나간 오프셋이 다시 나온다
// en: One more than the greatest offset that is left: when the log has been emptied, offsets that the groups are past come again
// caught by: [4]
import type { Database } from "#waystation"

// The tables are there: log (offset INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT),
// and committed (consumer_group TEXT PRIMARY KEY, offset INTEGER): the entry that the group is to handle next.

/** A line of the log. Its offset is its place for good, also when older entries are gone. */
export type Entry = { readonly offset: number; readonly body: string }

/** Task 4. One more than the greatest that is there: when retention has emptied the log, offsets that groups are past come again. */
export function append(database: Database, body: string): number {
  const insert = database.prepare("INSERT INTO log VALUES ((SELECT coalesce(max(offset) + 1, 1) FROM log), ?)")
  return Number(insert.run(body).lastInsertRowid)
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
  if (entry) await handle(entry)
  if (entry) commit(database, group, entry.offset + 1)
  return entry !== undefined
}
