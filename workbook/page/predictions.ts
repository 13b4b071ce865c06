import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { places } from "../learner-files.ts"

/** What the learner expected, by section: written down before the answer is read. */
export type Predictions = Readonly<Record<string, string>>

const file = "predictions.json"

/** A broken file reads as none: what was expected is no reason to stop. */
export function readPredictions(root: string): Predictions {
  try {
    const value: unknown = JSON.parse(readFileSync(join(root, places.kept, file), "utf8"))
    return Object.fromEntries(Object.entries(value ?? {}).filter((entry) => typeof entry[1] === "string"))
  } catch {
    return {}
  }
}

export function recordPrediction(root: string, section: string, text: string): void {
  const directory = join(root, places.kept)
  mkdirSync(directory, { recursive: true })
  const draft = join(directory, `.${file}.${process.pid}`)
  writeFileSync(draft, `${JSON.stringify({ ...readPredictions(root), [section]: text }, undefined, 2)}\n`)
  renameSync(draft, join(directory, file))
}
