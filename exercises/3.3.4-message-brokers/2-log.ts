import type { Database } from "#waystation"
import { Todo } from "#workbook/todo.ts"

// The tables are there: log (offset INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT),
// and committed (consumer_group TEXT PRIMARY KEY, offset INTEGER): the entry that the group is to handle next.

/** A line of the log. Its offset is its place for good, also when older entries are gone. */
export type Entry = { readonly offset: number; readonly body: string }

/** Task 4. Adds an entry at the end of the log and returns its offset. */
export function append(database: Database, body: string): number {
  throw new Todo(4)
}

/** Task 4. The entries from this offset on, at most `max`, in the order of the log. They stay where they are. */
export function read(database: Database, from: number, max: number): Entry[] {
  throw new Todo(4)
}

/** Task 5. From where the group goes on reading: 0 if it never committed. */
export function committed(database: Database, group: string): number {
  throw new Todo(5)
}

/** Task 5. From now on the group reads from this offset on. */
export function commit(database: Database, group: string, offset: number): void {
  throw new Todo(5)
}

/** Task 6. Handles the group's next entry. `false`: it has read everything. */
export async function consumeNext(database: Database, group: string, handle: (entry: Entry) => Promise<void>): Promise<boolean> {
  throw new Todo(6)
}
