/** What a run of an exercise came to: plain JSON, in terms of tasks, with nothing of the test runner left in it. */
export type ExerciseResult =
  | { readonly state: "ran"; readonly tasks: readonly TaskResult[]; readonly printed: string }
  /** The learner's file is not there. */
  | { readonly state: "missing" }
  /** The file does not load: a syntax error, an import that leads nowhere, an error outside every function. */
  | { readonly state: "unloadable"; readonly words: string; readonly place?: Place; readonly syntax: boolean }
  /** Stopped from outside, after `seconds` without an end. */
  | { readonly state: "endless"; readonly seconds: number; readonly test?: string }
  /** The process that ran it ended, for example for want of memory. */
  | { readonly state: "crashed"; readonly words: string }

export interface TaskResult {
  readonly number: number
  /** `waiting`: it throws `Todo`. */
  readonly state: "passed" | "waiting" | "failed"
  readonly failures: readonly Failure[]
}

export interface Failure {
  readonly test: string
  /** `told`: the test speaks in words; `thrown`: some code threw; `late`: the test waited for something that never came. */
  readonly kind: "told" | "thrown" | "late"
  /** Nothing when `late`. */
  readonly words: string
  /** Where in the learner's file, if the error passed through it. */
  readonly place?: Place
  /** A file with the trace of what happened to the messages; from the root, if it lies below. */
  readonly tracePath?: string
}

/** Counted from 1; `text` is the line itself. */
export interface Place {
  readonly line: number
  readonly column: number
  readonly text: string
}

/** A test's title begins with its task's number in brackets; 0 if it does not. */
export function taskNumber(title: string): number {
  return Number(/^\[(\d+)\]/.exec(title)?.[1] ?? 0)
}

/** Whether every one of these tasks passed. */
export function allPassed(result: ExerciseResult | undefined, numbers: readonly number[]): boolean {
  return numbers.every((number) => taskState(result, number) === "passed")
}

/** A task that no test speaks of, or of a file that does not load, is not `passed`. */
export function taskState(result: ExerciseResult | undefined, number: number): TaskResult["state"] | undefined {
  if (!result) return undefined
  // Nothing is known of the tasks, and it need not be the learner's doing.
  if (result.state === "crashed") return undefined
  if (result.state !== "ran") return "failed"
  return result.tasks.find((task) => task.number === number)?.state ?? "failed"
}
