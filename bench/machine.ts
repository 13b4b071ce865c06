import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs"
import { cpus, release, type } from "node:os"
import { join } from "node:path"
import { median } from "./figures.ts"
import type { Results } from "./results.ts"

/** What the figures depend on. */
export function machineOf(directory: string): Results["machine"] {
  const [processor] = cpus()
  return {
    processor: processor?.model ?? "unknown",
    cores: cpus().length,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    syncMs: syncMsOf(directory),
  }
}

/** The median of a hundred small writes, each synced: what one commit costs at the least. */
function syncMsOf(directory: string): number {
  const path = join(directory, `waystation-bench-sync-${process.pid}`)
  const file = openSync(path, "w")
  const times = Array.from({ length: 100 }, () => {
    const begin = performance.now()
    writeSync(file, Buffer.alloc(4_096))
    fsyncSync(file)
    return performance.now() - begin
  })
  closeSync(file)
  rmSync(path)
  return median(times)
}
