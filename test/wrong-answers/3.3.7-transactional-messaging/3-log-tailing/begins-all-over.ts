// ko: 로그가 바뀌면 테이블을 처음부터 다시 보낸다
// en: Sends the whole table again when the log has changed
// caught by: [7]
import type { Queue } from "#waystation"

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

const headerBytes = 32
const frameHeaderBytes = 24

/** Task 5. The log ends where the salts change, and what has no commit frame behind it did not happen. */
export function committedFrames(log: Buffer): Frame[] {
  if (log.length < headerBytes) return []
  const pageBytes = log.readUInt32BE(8)
  const frames: Frame[] = []
  for (let at = headerBytes; at + frameHeaderBytes + pageBytes <= log.length; at += frameHeaderBytes + pageBytes) {
    if (log.toString("hex", at + 8, at + 16) !== log.toString("hex", 16, 24)) break
    const content = log.subarray(at + frameHeaderBytes, at + frameHeaderBytes + pageBytes)
    frames.push({ number: frames.length + 1, page: log.readUInt32BE(at), commit: log.readUInt32BE(at + 4) > 0, content })
  }
  return frames.slice(0, frames.findLastIndex((frame) => frame.commit) + 1)
}

/** Tasks 6 and 7. Read, send, save. What is saved is what was read, however long the sending took. */
export async function publishFromLog(source: Source, kitchen: Queue<unknown>): Promise<void> {
  const log = source.log()
  const salt = log.toString("hex", 16, 24)
  const frames = committedFrames(log)
  const from = source.saved()
  // Of another log we have read nothing, and what the old one still held is in nobody's reach: the table has it all.
  const isSameLog = salt !== "" && salt === from.salt
  const rows = isSameLog ? source.rowsOn(frames.slice(from.frame), from.row) : source.rowsInTable(0)
  for (const { messageId, body } of rows) await kitchen.send(body, { id: messageId })
  source.save({ salt, frame: frames.length, row: rows.at(-1)?.position ?? from.row })
}
