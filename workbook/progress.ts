import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { keep, places } from "./learner-files.ts"

/** What is done, by exercise id: the tasks that have passed once. Only a reset takes a task away. */
export type Progress = Readonly<Record<string, readonly number[]>>

const version = 1

/** @returns the progress, and where a file that is no progress of this version was set aside */
export function readProgress(root: string, now: Date): { progress: Progress; setAside: string | undefined } {
  const path = join(root, places.progress)
  if (!existsSync(path)) return { progress: {}, setAside: undefined }
  const progress = parse(readFileSync(path, "utf8"))
  if (progress) return { progress, setAside: undefined }
  const setAside = keep(root, places.progress, now)
  rmSync(path)
  return { progress: {}, setAside }
}

/** Reads first, so that two workbooks on one directory keep what the other has noted. */
export function recordPassed(root: string, exercise: string, numbers: readonly number[], now: Date): Progress {
  const { progress } = readProgress(root, now)
  const passed = new Set([...(progress[exercise] ?? []), ...numbers])
  if (passed.size === (progress[exercise]?.length ?? 0)) return progress
  return write(root, { ...progress, [exercise]: [...passed].sort((one, other) => one - other) })
}

export function forget(root: string, exercise: string, now: Date): Progress {
  const { [exercise]: _forgotten, ...rest } = readProgress(root, now).progress
  return write(root, rest)
}

/** The file is replaced as a whole: whoever reads it sees the old one or the new one. */
function write(root: string, progress: Progress): Progress {
  const path = join(root, places.progress)
  mkdirSync(dirname(path), { recursive: true })
  const fresh = `${path}.${process.pid}`
  writeFileSync(fresh, `${JSON.stringify({ version, done: progress }, undefined, 2)}\n`)
  renameSync(fresh, path)
  return progress
}

/** Undefined if it is broken, of another version or of another form. */
function parse(text: string): Progress | undefined {
  try {
    const value = JSON.parse(text)
    if (value?.version !== version || value.done === null || typeof value.done !== "object") return undefined
    const numbers = (entry: unknown) => Array.isArray(entry) && entry.every(Number.isInteger)
    return Object.values(value.done).every(numbers) ? { ...value.done } : undefined
  } catch {
    return undefined
  }
}
