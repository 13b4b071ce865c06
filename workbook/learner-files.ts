import { constants, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { differenceOfTask } from "./difference.ts"

/** Where things lie under a root, by an exercise's file ("<section>/<n>-<name>.ts"). */
export const places = {
  exercise: (file: string) => `exercises/${file}`,
  original: (file: string) => `workbook/originals/${file}`,
  solution: (file: string) => `solutions/${file}`,
  kept: "exercises/.kept",
  progress: "exercises/.progress.json",
}

/**
 * Copies a file aside under exercises/.kept, never over another.
 * @returns the copy's path from the root, or undefined if there is nothing to keep
 */
export function keep(root: string, path: string, now: Date): string | undefined {
  if (!existsSync(join(root, path))) return undefined
  mkdirSync(join(root, places.kept), { recursive: true })
  const stamp = now
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replaceAll(":", "-")
  const name = path.replace(/^exercises\//, "").replaceAll("/", "-")
  for (let count = 1; ; count++) {
    const kept = `${places.kept}/${stamp}-${count > 1 ? `${count}-` : ""}${name}`
    try {
      copyFileSync(join(root, path), join(root, kept), constants.COPYFILE_EXCL)
      return kept
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
  }
}

/** Puts the exercise back as it was shipped, the learner's file being kept first. @returns where it is kept, if there was one */
export function restore(root: string, file: string, now: Date): string | undefined {
  const target = join(root, places.exercise(file))
  const kept = keep(root, places.exercise(file), now)
  mkdirSync(dirname(target), { recursive: true })
  // By a rename, so that nobody who watches sees half a file.
  const fresh = join(dirname(target), `.${basename(target)}`)
  copyFileSync(join(root, places.original(file)), fresh)
  renameSync(fresh, target)
  return kept
}

/** The lines that lead from the learner's code of a task, or of the whole file, to the solution's; empty if they are the same. */
export function differenceToSolution(root: string, file: string, task?: number): string[] {
  const [learners, solution, original] = [places.exercise(file), places.solution(file), places.original(file)].map((path) =>
    read(root, path),
  )
  return differenceOfTask(learners ?? "", solution ?? "", original ?? "", task)
}

/** Region marks are for the chapters. A missing file reads as an empty one. */
function read(root: string, path: string): string {
  const full = join(root, path)
  return existsSync(full) ? readFileSync(full, "utf8").replace(/^[ \t]*\/\/ #(end)?region.*\r?\n/gm, "") : ""
}
