import { readFileSync } from "node:fs"
import type { Database } from "#waystation"

/** Prints the frames that stand in the database's write-ahead log from frame `next` on. Returns the number of the one to come. */
export function printFrames(database: Database, next = 1): number {
  const log = readFileSync(`${database.name}-wal`)
  const frameBytes = 24 + log.readUInt32BE(8)
  const table = database.prepare<[number], { name: string }>("SELECT name FROM sqlite_schema WHERE rootpage = ?")
  const count = Math.floor((log.length - 32) / frameBytes)
  if (count < next) console.log("   no frame")
  for (let frame = next; frame <= count; frame++) {
    const at = 32 + (frame - 1) * frameBytes
    const page = log.readUInt32BE(at)
    const commit = log.readUInt32BE(at + 4) > 0 ? "commit" : ""
    console.log(`   frame ${frame}: page ${page}  ${(table.get(page)?.name ?? "–").padEnd(17)}${commit}`.trimEnd())
  }
  return count + 1
}
