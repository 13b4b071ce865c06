import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type VirtualClock, virtualClock } from "#waystation/testing"
import { Anomaly, type Finding } from "./anomaly.ts"
import { seed, seeded } from "./chance.ts"
import { History } from "./history.ts"
import type { Words } from "./language.ts"
import type { Naming } from "./observe.ts"
import { Process } from "./process.ts"

/**
 * One run of the learner's code: a broker's file of its own, virtual time, seeded chance, and the history of what happened.
 * `await using station = new Station(naming)` at the head of a run.
 */
export class Station implements AsyncDisposable {
  readonly clock: VirtualClock = virtualClock()
  readonly history: History = new History(() => this.clock.now())
  readonly random: () => number = seeded(seed())
  readonly naming: Naming
  readonly leaseMs: number | undefined
  readonly #directory = mkdtempSync(join(memoryDirectory(), "waystation-exercise-"))
  readonly #path = join(this.#directory, "broker.db")
  readonly #processes: Process[] = []
  #learnersError: { readonly error: unknown } | undefined

  /** @param options.leaseMs of the learner's consumers; short where a crash is to be over soon. @default the broker's */
  constructor(naming: Naming, options: { leaseMs?: number } = {}) {
    this.naming = naming
    this.leaseMs = options.leaseMs
    // Nudges between connections come through the operating system, at no virtual time. With a directory in the place of
    // their file there are none, and the broker's polling does all.
    mkdirSync(`${this.#path}-wake`)
  }

  /** Opens the broker's file in a process of its own: one that can crash alone. */
  process(who: Words): Process {
    const process = new Process(this, who, this.#path)
    this.#processes.push(process)
    return process
  }

  /** Moves time on until the promise is settled. */
  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false
    const settle = () => {
      settled = true
    }
    promise.then(settle, settle)
    await this.reaches(() => settled)
    return promise
  }

  /** Moves time on until the condition holds, and says whether it does. Waits no longer than `withinMs`. */
  async reaches(condition: () => boolean, withinMs = 120_000): Promise<boolean> {
    const done = () => condition() || this.#learnersError !== undefined
    const end = this.clock.now() + withinMs
    while (!done() && this.clock.now() < end) await this.clock.runUntil(done, { withinMs: 1_000 }).catch(() => this.clock.advance(1_000))
    return condition()
  }

  /** For what the learner's code throws where the broker would catch it and try again. */
  noteError(error: unknown): void {
    this.#learnersError ??= { error }
  }

  /** Fails with what the learner's code threw, or else with the first finding. */
  judge(...findings: readonly (Finding | undefined)[]): void {
    if (this.#learnersError) throw this.#learnersError.error
    const finding = findings.find((one) => one !== undefined)
    if (finding) throw new Anomaly(finding, this.history)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = Promise.allSettled(this.#processes.map((process) => process.close()))
    await this.clock.advance(1)
    await closing
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

/** Where files live in memory, if the machine has such a place: a test makes dozens, and the disk is what takes the time. */
function memoryDirectory(): string {
  try {
    accessSync("/dev/shm", constants.W_OK)
    return "/dev/shm"
  } catch {
    return tmpdir()
  }
}
