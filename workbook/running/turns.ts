import type { ExerciseResult } from "../result.ts"
import type { Runner } from "./runner.ts"

export interface TurnsOptions {
  runner: Pick<Runner, "run" | "stop">
  language: string
  /** The code as it is now, to tell a new save from an echo of the last. */
  code: (file: string) => string | undefined
  onResult: (file: string, result: ExerciseResult) => void
  /** For how long a run may go on when another one waits, or when its code is no longer the newest. @default 500 */
  patienceMs?: number
}

interface Turn {
  readonly file: string
  readonly ended: Promise<void>
  /** Set while the end of this attempt is already arranged. */
  timer: NodeJS.Timeout | undefined
  /** The code was saved again: this turn's result would be yesterday's. */
  stale: boolean
  /** Somebody waits for another exercise: no result is better than a late one. */
  abandoned: boolean
}

/** Runs one exercise after another, each once however often it is asked for, and always in its newest form. */
export class Turns {
  readonly #options: Required<TurnsOptions>
  readonly #waiting = new Map<string, Promise<void>>()
  /** The code of each exercise's last run. */
  readonly #codes = new Map<string, string | undefined>()
  #running: Turn | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(options: TurnsOptions) {
    this.#options = { patienceMs: 500, ...options }
  }

  isDue(file: string): boolean {
    return this.#running?.file === file || this.#waiting.has(file)
  }

  /** Whether the code is another than that of the last run: one save may be told of twice. */
  isNews(file: string): boolean {
    return !this.#codes.has(file) || this.#codes.get(file) !== this.#options.code(file)
  }

  /** The failures' words are of that language from here on; what has been run is news again. */
  speak(language: string): void {
    this.#options.language = language
    this.#codes.clear()
  }

  /** Resolves when the exercise has been run as it is now, or has been abandoned for another. */
  want(file: string): Promise<void> {
    const running = this.#running
    if (running?.file === file && !running.abandoned) {
      if (this.isNews(file)) {
        running.stale = true
        this.#hurry(running)
      }
      return running.ended
    }
    if (running) this.#hurry(running)
    const waiting = this.#waiting.get(file)
    if (waiting) return waiting
    const turn = this.#last.then(() => this.#take(file))
    this.#waiting.set(file, turn)
    // A turn that fails is its caller's to know of; the next one has its turn all the same.
    this.#last = turn.catch(() => {})
    return turn
  }

  /** Ends what runs and forgets what waits. */
  async stop(): Promise<void> {
    this.#waiting.clear()
    if (this.#running) this.#running.abandoned = true
    await this.#options.runner.stop()
    await this.#last
  }

  #hurry(turn: Turn): void {
    turn.timer ??= setTimeout(() => {
      if (!turn.stale) turn.abandoned = true
      void this.#options.runner.stop()
    }, this.#options.patienceMs)
  }

  #take(file: string): Promise<void> {
    if (!this.#waiting.delete(file)) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const turn: Turn = { file, ended: promise, timer: undefined, stale: false, abandoned: false }
    this.#running = turn
    return this.#play(turn).finally(() => {
      this.#running = undefined
      resolve()
    })
  }

  async #play(turn: Turn): Promise<void> {
    const { runner, language, code, onResult } = this.#options
    do {
      turn.stale = false
      this.#codes.set(turn.file, code(turn.file))
      try {
        const [result] = await runner.run([{ file: turn.file, work: "exercises", language }])
        if (result && !turn.stale && !turn.abandoned) onResult(turn.file, result)
      } finally {
        clearTimeout(turn.timer)
        turn.timer = undefined
      }
    } while (turn.stale && !turn.abandoned)
  }
}
