import type { Database } from "#waystation"
import type { MakeLog } from "./log-run.ts"

interface Entry {
  readonly offset: number
  readonly body: string
}

/** What the learner writes in exercise 2. */
export interface LogFunctions {
  append(database: Database, body: string): unknown
  committed(database: Database, group: string): number
  commit(database: Database, group: string, offset: number): void
  consumeNext(database: Database, group: string, handle: (entry: Entry) => Promise<void>): Promise<boolean>
}

export const logTables = `
  CREATE TABLE IF NOT EXISTS log (offset INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS committed (consumer_group TEXT PRIMARY KEY, offset INTEGER NOT NULL) STRICT`

/** The learner's functions as a log, on a database of the process's own that others have open, too. */
export function miniatureLog(functions: LogFunctions): MakeLog {
  return (process, run) => {
    const database = process.database("log")
    database.exec(logTables)
    const behind = database.prepare<[number], { count: number }>("SELECT count(*) AS count FROM log WHERE offset >= ?")
    return {
      append: (body) => functions.append(database, body),
      consume: (group, handle) => void run.loop(process, () => functions.consumeNext(database, group, handle)),
      replay: (group, offset) => functions.commit(database, group, offset),
      lag: (group) => behind.get(functions.committed(database, group))?.count ?? 0,
    }
  }
}
