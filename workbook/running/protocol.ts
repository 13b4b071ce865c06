/** What the workbook and the process that runs its tests say to each other: JSON over the channel that `fork` opens. */

/** One exercise's test, against one version of its code. */
export interface Job {
  /** "3.3.5-competing-receivers/1-competing-consumers.ts" */
  readonly file: string
  /** From the root: a directory that stands for exercises/, or a single file (.ts) that stands for this exercise alone. */
  readonly work: string
  /** Of the failures' words. */
  readonly language: string
  /** All chance in the exercise derives from it. @default 1 */
  readonly seed?: number
  /** Only the tests of these titles run; the others count as waiting. All, if not given. */
  readonly tests?: readonly string[]
}

export interface RunRequest {
  readonly jobs: readonly Job[]
  /** Decides the order of the tests; without it they run as they stand. */
  readonly shuffleSeed: number | undefined
  /** Each test file loads everything for itself. Otherwise those of one thread share what is not theirs alone. */
  readonly isolate: boolean
  /** The file in which each test is noted before it runs. */
  readonly log: string
}

export type RunnerMessage =
  | { readonly type: "ready" }
  /** A test file is through; its result comes when all are. */
  | { readonly type: "alive" }
  | { readonly type: "result"; readonly index: number; readonly result: ModuleResult }
  | { readonly type: "end" }

/** What vitest says about one test file. */
export interface ModuleResult {
  /** Errors outside every test: the file did not load. */
  readonly errors: readonly ThrownError[]
  readonly tests: readonly { readonly title: string; readonly errors: readonly ThrownError[]; readonly passed: boolean }[]
  readonly printed: string
}

/** An error as it came over from the test's thread; own properties of the original are beside these. */
export interface ThrownError {
  readonly name?: string
  readonly message?: string
  readonly stack?: string
  readonly task?: unknown
  readonly tracePath?: unknown
}
