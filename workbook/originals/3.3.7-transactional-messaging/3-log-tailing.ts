import type { Queue } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** A frame of the log, counted from 1: the page `page` as a transaction left it. `commit`: the transaction ends with this frame. */
export type Frame = { readonly number: number; readonly page: number; readonly commit: boolean; readonly content: Buffer }
export type Row = { readonly position: number; readonly messageId: string; readonly body: unknown }
/** How far the relay is: in which log, after which frame of it, after which row of outbox. */
export type Position = { readonly salt: string; readonly frame: number; readonly row: number }

/** What is given to the relay. */
export interface Source {
  /** The file orders.db-wal as it is now; empty if there is none. */
  log(): Buffer
  /** The rows of outbox that stand on these pages, from the one after position `after` on, in order. */
  rowsOn(frames: readonly Frame[], after: number): Row[]
  /** The same, asked of the table itself. */
  rowsInTable(after: number): Row[]
  /** What was saved last; in the beginning { salt: "", frame: 0, row: 0 }. */
  saved(): Position
  save(position: Position): void
}

/** Task 5. The frames of committed transactions, from the first on. */
export function committedFrames(log: Buffer): Frame[] {
  throw new Todo(5)
}

/** Task 6. One round of the relay: sends the rows that were committed since the saved position. Task 7: also when the log was begun again. */
export async function publishFromLog(source: Source, kitchen: Queue<unknown>): Promise<void> {
  throw new Todo(6)
}
