import { readFileSync } from "node:fs"
import { join } from "node:path"
import { EventEmitter } from "eventemitter3"
import { type Catalogue, type Exercise, readCatalogue } from "./catalogue.ts"
import type { Language } from "./language.ts"
import { differenceToSolution, places, restore } from "./learner-files.ts"
import { forget, type Progress, readProgress, recordPassed } from "./progress.ts"
import { allPassed, type ExerciseResult, taskState } from "./result.ts"
import type { Runner } from "./running/runner.ts"
import { Turns } from "./running/turns.ts"
import { currentTask, type Hint, hintsMax, type Notice, type Standing, type WorkbookState, workbookState } from "./state.ts"

export interface WorkbookOptions {
  root: string
  language: Language
  runner: Pick<Runner, "run" | "stop">
  now?: () => Date
}

/**
 * Where the learner stands, and what a learner can do about it. It emits "change" whenever `state()` says something else;
 * it draws nothing and watches nothing.
 */
export class Workbook extends EventEmitter<"change"> {
  readonly #options: WorkbookOptions
  readonly #now: () => Date
  readonly #results = new Map<string, ExerciseResult>()
  /** How many hints were asked for, by exercise and task. */
  readonly #hintCounts = new Map<string, number>()
  readonly #turns: Turns
  #language: Language
  #catalogue: Catalogue
  #progress: Progress
  #current: Exercise
  #notice: Notice | undefined

  /** @throws {Error} that names the chapter whose form is wrong */
  constructor(options: WorkbookOptions) {
    super()
    this.#options = options
    this.#now = options.now ?? (() => new Date())
    this.#language = options.language
    this.#catalogue = readCatalogue(options.root, options.language)
    const { progress, setAside } = readProgress(options.root, this.#now())
    this.#progress = progress
    if (setAside) this.#notice = { kind: "progress-set-aside", path: setAside }
    const first = this.#catalogue.exercises[0]
    if (!first) throw new Error(`There are no exercises under ${join(options.root, "workbook", "originals")}.`)
    this.#current = first
    this.#turns = new Turns({
      runner: options.runner,
      language: options.language,
      code: (file) => codeOf(join(options.root, places.exercise(file))),
      onResult: (file, result) => this.#note(file, result),
    })
  }

  state(): WorkbookState {
    return workbookState(this.#standing(), this.#hints())
  }

  /**
   * Runs the first exercise that is not done; if it passes, the next such; and stands at the first that does not. The very first
   * time it stands at the first of all, which says how to work.
   */
  async start(): Promise<void> {
    const first = this.#current
    if (Object.keys(this.#progress).length === 0) {
      await this.#want(first)
      const passed = allPassed(this.#results.get(first.id), numbers(first))
      if (passed && this.#current === first && !this.#notice) this.#notify({ kind: "welcome" })
      return
    }
    for (const exercise of this.#catalogue.exercises) {
      if (this.#isDone(exercise)) continue
      this.#current = exercise
      await this.#want(exercise)
      // Whoever has gone elsewhere by now stays there.
      if (this.#current !== exercise || !allPassed(this.#results.get(exercise.id), numbers(exercise))) return
    }
    this.#current = this.#catalogue.exercises.find((exercise) => !this.#isDone(exercise)) ?? (this.#catalogue.exercises.at(-1) as Exercise)
    await this.#want(this.#current)
  }

  /** A file under exercises/ was saved, added or removed: what it affects runs again. `path` is from the root. */
  async fileChanged(path: string): Promise<void> {
    const exercise = this.#catalogue.exercises.find((entry) => places.exercise(entry.file) === path)
    const affected = exercise ?? this.#current
    if (!exercise && !path.startsWith(`exercises/${affected.section}/`)) return
    // A restored file is told of, too; that is no reason to forget what was said about it.
    if (this.#turns.isNews(affected.file)) this.#notice = undefined
    await this.#want(affected)
    if (affected === this.#current) return
    const result = this.#results.get(affected.id)
    const done = numbers(affected).filter((number) => taskState(result, number) === "passed").length
    this.#notify({ kind: "other-ran", exercise: affected.id, done, all: affected.tasks.length })
  }

  next(): Promise<void> {
    return this.#move(1)
  }

  previous(): Promise<void> {
    return this.#move(-1)
  }

  async goTo(id: string): Promise<void> {
    const exercise = this.#catalogue.exercises.find((entry) => entry.id === id)
    if (!exercise) return
    this.#current = exercise
    this.#notice = undefined
    await this.#want(exercise)
  }

  /** Everything is said in that language from here on; the current exercise runs again for its words. */
  async speak(language: Language): Promise<void> {
    if (language === this.#language) return
    const catalogue = readCatalogue(this.#options.root, language)
    const current = catalogue.exercises.find((entry) => entry.id === this.#current.id)
    if (!current) return
    this.#language = language
    this.#catalogue = catalogue
    this.#turns.speak(language)
    this.#current = current
    await this.#want(current)
  }

  /** The text of the chapter in which the learner stands. */
  chapterText(): string {
    return readFileSync(join(this.#options.root, this.#current.chapter), "utf8")
  }

  /** Reveals one more hint to the current task; when all have passed, the difference to the solution. */
  hint(): void {
    const task = currentTask(this.#standing())
    const key = this.#hintKey(task?.number)
    const count = this.#hintCounts.get(key) ?? 0
    if (count === (task ? hintsMax : 1)) {
      this.#notify({ kind: "no-more-hints" })
      return
    }
    this.#hintCounts.set(key, count + 1)
    this.#notify(undefined)
  }

  /** Puts the current exercise back as it was shipped; the learner's file is kept. */
  async reset(): Promise<void> {
    const exercise = this.#current
    try {
      const kept = restore(this.#options.root, exercise.file, this.#now())
      this.#progress = forget(this.#options.root, exercise.id, this.#now())
      for (const number of [undefined, ...numbers(exercise)]) this.#hintCounts.delete(this.#hintKey(number))
      this.#notice = { kind: "restored", ...(kept && { path: kept }) }
    } catch (error) {
      return this.#notify({ kind: "error", words: (error as Error).message })
    }
    await this.#want(exercise)
  }

  /** Ends what runs. */
  stop(): Promise<void> {
    return this.#turns.stop()
  }

  async #want(exercise: Exercise): Promise<void> {
    const ended = this.#turns.want(exercise.file)
    this.emit("change")
    try {
      await ended
    } catch (error) {
      this.#notice = { kind: "error", words: (error as Error).message }
    }
    this.emit("change")
  }

  #note(file: string, result: ExerciseResult): void {
    const exercise = this.#catalogue.exercises.find((entry) => entry.file === file) as Exercise
    this.#results.set(exercise.id, result)
    const passed = numbers(exercise).filter((number) => taskState(result, number) === "passed")
    try {
      this.#progress = recordPassed(this.#options.root, exercise.id, passed, this.#now())
    } catch (error) {
      this.#notice = { kind: "error", words: (error as Error).message }
    }
  }

  async #move(by: 1 | -1): Promise<void> {
    const exercise = this.#catalogue.exercises[this.#catalogue.exercises.indexOf(this.#current) + by]
    if (exercise) await this.goTo(exercise.id)
    else this.#notify({ kind: by === 1 ? "last" : "first" })
  }

  #notify(notice: Notice | undefined): void {
    this.#notice = notice
    this.emit("change")
  }

  #isDone(exercise: Exercise): boolean {
    return numbers(exercise).every((number) => this.#progress[exercise.id]?.includes(number))
  }

  #standing(): Standing {
    return {
      catalogue: this.#catalogue,
      language: this.#language,
      progress: this.#progress,
      results: this.#results,
      current: this.#current,
      running: this.#turns.isDue(this.#current.file),
      notice: this.#notice,
    }
  }

  /** Of a task of the current exercise, or of the exercise when it is done. */
  #hintKey(task: number | undefined): string {
    return `${this.#current.id}#${task ?? "done"}`
  }

  #hints(): Hint[] {
    const task = currentTask(this.#standing())
    const count = this.#hintCounts.get(this.#hintKey(task?.number)) ?? 0
    const written = (task?.hints ?? []).map((text): Hint => ({ kind: "text", text }))
    const shown = written.slice(0, Math.min(count, hintsMax - 1))
    if (count < (task ? hintsMax : 1)) return shown
    return [...shown, { kind: "difference", lines: differenceToSolution(this.#options.root, this.#current.file, task?.number) }]
  }
}

function numbers(exercise: Exercise): number[] {
  return exercise.tasks.map((task) => task.number)
}

function codeOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}
