import type { Catalogue, Exercise } from "./catalogue.ts"
import type { Language } from "./language.ts"
import { places } from "./learner-files.ts"
import type { Progress } from "./progress.ts"
import { type ExerciseResult, taskNumber, taskState } from "./result.ts"

/** All that a view shows, as plain JSON: the terminal and the page draw the same. */
export interface WorkbookState {
  readonly language: Language
  readonly sections: readonly SectionState[]
  readonly tasks: Count
  readonly exercises: Count
  readonly current: CurrentState
  readonly notice?: Notice
}

export interface Count {
  readonly done: number
  readonly all: number
}

export interface SectionState {
  readonly id: string
  readonly title: string
  readonly minutes: number
  readonly chapter: string
  readonly exercises: readonly ExerciseState[]
}

export interface ExerciseState {
  readonly id: string
  /** The learner's file, from the root. */
  readonly path: string
  readonly done: boolean
  readonly tasks: readonly TaskState[]
}

export interface TaskState {
  readonly number: number
  readonly title: string
  /** `open`: not run yet, and not done before. */
  readonly state: "passed" | "waiting" | "failed" | "open"
}

/** Where the learner stands: an exercise, and its first task that has not passed. */
export interface CurrentState {
  readonly section: Pick<SectionState, "id" | "title">
  readonly exercise: ExerciseState
  /** Its place among all exercises, from 1. */
  readonly position: number
  /** Whether it is the last one of its section. */
  readonly endsSection: boolean
  /** None when all of them passed. */
  readonly task?: { readonly number: number; readonly title: string }
  readonly running: boolean
  readonly result?: ExerciseResult
  readonly chapter: { readonly path: string; readonly line: number; readonly heading: string; readonly text: string }
  /** Those that were asked for, of three; of an exercise that is done, the difference alone. */
  readonly hints: readonly Hint[]
}

/** Two are written in the chapter, the third is computed. */
export type Hint = { readonly kind: "text"; readonly text: string } | { readonly kind: "difference"; readonly lines: readonly string[] }

export const hintsMax = 3

export type Notice =
  /** The exercise is as shipped; the learner's file, if there was one, is kept at `path`. */
  | { readonly kind: "restored"; readonly path?: string }
  | { readonly kind: "progress-set-aside"; readonly path: string }
  | { readonly kind: "other-ran"; readonly exercise: string; readonly done: number; readonly all: number }
  | { readonly kind: "welcome" | "first" | "last" | "no-more-hints" }
  | { readonly kind: "error"; readonly words: string }

export interface Standing {
  readonly catalogue: Catalogue
  readonly language: Language
  readonly progress: Progress
  readonly results: ReadonlyMap<string, ExerciseResult>
  readonly current: Exercise
  readonly running: boolean
  readonly notice: Notice | undefined
}

/** What has just been run says how it is; of the rest the progress says what was done. */
export function workbookState(standing: Standing, hints: readonly Hint[]): WorkbookState {
  const { catalogue, language, notice } = standing
  const sections = catalogue.sections.map((section) => ({
    id: section.id,
    title: section.title,
    minutes: section.minutes,
    chapter: section.chapter,
    exercises: section.exercises.map((exercise) => exerciseState(exercise, standing)),
  }))
  const exercises = sections.flatMap((section) => section.exercises)
  const tasks = exercises.flatMap((exercise) => exercise.tasks)
  return {
    language,
    sections,
    tasks: { done: tasks.filter((task) => task.state === "passed").length, all: tasks.length },
    exercises: { done: exercises.filter((exercise) => exercise.done).length, all: exercises.length },
    current: currentState(standing, hints),
    ...(notice && { notice }),
  }
}

function exerciseState(exercise: Exercise, { results, progress }: Standing): ExerciseState {
  const result = results.get(exercise.id)
  const passed = progress[exercise.id] ?? []
  const tasks = exercise.tasks.map(({ number, title }): TaskState => {
    return { number, title, state: taskState(result, number) ?? (passed.includes(number) ? "passed" : "open") }
  })
  return { id: exercise.id, path: places.exercise(exercise.file), done: tasks.every((task) => task.state === "passed"), tasks }
}

function currentState(standing: Standing, hints: readonly Hint[]): CurrentState {
  const { catalogue, current, results, running } = standing
  const section = catalogue.sections.find((entry) => entry.name === current.section)
  if (!section) throw new Error(`No section has the exercise "${current.id}".`)
  const result = results.get(current.id)
  const task = currentTask(standing)
  const shown = task ?? current.tasks[0]
  return {
    section: { id: section.id, title: section.title },
    exercise: exerciseState(current, standing),
    position: catalogue.exercises.indexOf(current) + 1,
    endsSection: section.exercises.at(-1) === current,
    ...(task && { task: { number: task.number, title: task.title } }),
    running,
    ...(result && { result }),
    chapter: {
      path: current.chapter,
      line: shown?.line ?? 1,
      heading: shown ? `${shown.number}. ${shown.title}` : "",
      text: shown?.text ?? "",
    },
    hints,
  }
}

/** The first that has not passed. When the file does not even run, the one that it hangs in, or the first that never passed. */
export function currentTask({ current, results, progress }: Standing): Exercise["tasks"][number] | undefined {
  const result = results.get(current.id)
  const passed = progress[current.id] ?? []
  if (result?.state === "ran") return current.tasks.find((task) => taskState(result, task.number) !== "passed")
  if (!result) return current.tasks.find((task) => !passed.includes(task.number))
  const hanging = result.state === "endless" ? taskNumber(result.test ?? "") : undefined
  const guess = current.tasks.find((task) => task.number === hanging) ?? current.tasks.find((task) => !passed.includes(task.number))
  return guess ?? current.tasks[0]
}
