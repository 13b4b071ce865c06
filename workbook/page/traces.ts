import { readFileSync } from "node:fs"
import { isAbsolute, join, resolve, sep } from "node:path"
import type { WorkbookState } from "../state.ts"

/** A run to be played back: a line of the trace file each, the first being its header. See broker/testing/history.ts. */
export interface Trace {
  readonly task: number
  readonly test: string
  readonly about: Readonly<Record<string, unknown>>
  readonly entries: readonly unknown[]
}

const traceBytesMax = 5_000_000
const entriesMax = 5_000

/** Of what failed in the current exercise, the shortest run first. */
export function tracesOf(root: string, { current: { result } }: WorkbookState): Trace[] {
  if (result?.state !== "ran") return []
  const traces = result.tasks.flatMap((task) =>
    task.failures.flatMap((failure) => {
      const trace = failure.tracePath && readTrace(root, failure.tracePath)
      return trace ? [{ task: task.number, test: failure.test, ...trace }] : []
    }),
  )
  return traces.sort((one, other) => one.task - other.task || one.entries.length - other.entries.length)
}

/** The path comes from what a test threw, which may be the learner's own error: nothing but a trace under the root is read. */
function readTrace(root: string, path: string): Pick<Trace, "about" | "entries"> | undefined {
  const directory = join(root, ".traces") + sep
  const full = isAbsolute(path) ? resolve(path) : resolve(root, path)
  if (!full.startsWith(directory) || !full.endsWith(".jsonl")) return undefined
  try {
    const text = readFileSync(full, "utf8")
    if (text.length > traceBytesMax) return undefined
    const [about, ...entries] = text
      .split("\n")
      .filter((line) => line !== "")
      .slice(0, entriesMax)
      .map((line) => JSON.parse(line))
    return about?.format === "waystation-trace" && about.version === 1 ? { about, entries } : undefined
  } catch {
    return undefined
  }
}
