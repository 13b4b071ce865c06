import type { OutgoingMessage } from "../message.ts"
import { Chance } from "./chance.ts"
import type { Details, Entry } from "./history.ts"
import { OutboxWatch } from "./outbox-watch.ts"
import { type Interceptor, type ProcessHost, ProcessLife, type SimulatedProcess } from "./process.ts"
import { Sandbox, type TemplateFiles } from "./sandbox.ts"
import { Timeline, type Timer } from "./timeline.ts"
import { openDestinations } from "./waiting.ts"

interface OwnedTimer extends Timer {
  readonly owner: ProcessLife | undefined
  cancelled: boolean
}

export type ProcessMain = (process: SimulatedProcess) => unknown

/** What a scenario's setup has made, and every run goes on from: files, messages that were sent, time that has passed. */
export interface Template {
  readonly files: TemplateFiles
  readonly now: number
  readonly history: readonly Entry[]
  readonly published: readonly OutgoingMessage[]
  readonly brokerFiles: ReadonlySet<string>
  readonly operations: number
}

const epoch = Date.UTC(2026, 0, 2)
/** Real time that code may take which waits for the machine (a file, a socket) and so for nothing that is simulated. */
const graceTurns = 200
/** More than any scenario takes that gets anywhere: in all, and without time moving on. */
const stepsMax = 300_000
const stepsAtOneMomentMax = 20_000

/**
 * Runs processes side by side in one thread: at each step it picks one of those that have something to do, runs one of
 * its callbacks, and lets the promises that this settled run out. When nobody has anything to do, time moves on.
 */
export class Engine implements ProcessHost {
  readonly history: Entry[]
  readonly published: OutgoingMessage[]
  readonly consumed = new Set<string>()
  readonly brokerFiles: Set<string>
  readonly outboxes: OutboxWatch
  effects = 0
  goesInCircles = false
  readonly sandbox: Sandbox
  readonly processes: ProcessLife[] = []
  interceptor: Interceptor | undefined
  now: number
  steps = 0
  readonly #seed: number
  readonly #startedAt: number
  readonly #schedule: Chance | undefined
  readonly #messages: readonly number[]
  readonly #timeline = new Timeline<OwnedTimer>()
  #operations: number
  #idle = { at: -1, is: false }
  #failure: { error: unknown } | undefined

  /** Without `shuffle`, who has waited longest goes first. */
  constructor(options: { seed: number; shuffle?: boolean; template?: Template | undefined; messages?: readonly number[] }) {
    this.#seed = options.seed
    this.#schedule = options.shuffle ? new Chance(options.seed).stream("schedule") : undefined
    this.#messages = options.messages ?? []
    const { template } = options
    this.history = [...(template?.history ?? [])]
    this.published = [...(template?.published ?? [])]
    this.brokerFiles = new Set(template?.brokerFiles)
    this.outboxes = new OutboxWatch(this.history)
    this.#operations = template?.operations ?? 0
    this.sandbox = new Sandbox(template?.files)
    this.#startedAt = template?.now ?? epoch
    this.now = this.#startedAt
  }

  /** Ends the connections, so that the files hold all. */
  toTemplate(): Template {
    const { history, published, brokerFiles, now } = this
    return { files: this.sandbox.toTemplate(), now, history, published, brokerFiles, operations: this.#operations }
  }

  /** Since the run began; its setup is over by then. */
  get elapsedMs(): number {
    return this.now - this.#startedAt
  }

  record(process: string, event: string, details: Details = {}): void {
    this.history.push({ at: this.now - epoch, process, event, ...details })
  }

  /** Whether nothing is left that could happen by itself. */
  isStill(): boolean {
    return this.#timeline.size === 0 && this.processes.every(({ ready }) => ready.length === 0)
  }

  /** Counted anew only after something has happened: it is asked after every step. */
  isIdle(): boolean {
    if (this.#idle.at !== this.effects + this.history.length) {
      this.#idle = { at: this.effects + this.history.length, is: this.openDestinations().length === 0 }
    }
    return this.#idle.is
  }

  /** The destinations that are consumed in this run, and are not empty. What nobody consumes may wait for ever. */
  openDestinations(): string[] {
    const open = [...this.brokerFiles].flatMap((file) => openDestinations(this.sandbox.observe(file)))
    return open.filter((name) => this.consumed.has(JSON.stringify(name))).map((names) => names.filter((name) => name !== "").join("/"))
  }

  nextOperation(): number {
    return ++this.#operations
  }

  /** Begins a life of a process; the one before it, if any, must be over. */
  start(name: string, main: ProcessMain): ProcessLife {
    const life = 1 + this.processes.filter((process) => process.name === name).length
    const random = new Chance(this.#seed).stream(`${name} ${life}`).next
    const process = new ProcessLife(this, { name, life, random, messages: this.#messages })
    this.processes.push(process)
    process.ready.push(() => {
      process.record("started", { attempt: life })
      void this.#runMain(process, main)
    })
    return process
  }

  setTimer(owner: ProcessLife | undefined, delayMs: number, callback: () => void): () => void {
    const timer: OwnedTimer = { at: this.now + Math.ceil(Math.max(0, delayMs)), callback, owner, cancelled: false }
    const remove = this.#timeline.add(timer)
    return () => {
      timer.cancelled = true
      remove()
    }
  }

  /**
   * Steps until `done`, or until nothing that is worth telling has happened for `quietMs` of virtual time, or until
   * nothing is left that could happen, or until it goes round in circles. Returns whether it is done. What a callback
   * throws ends the run.
   */
  async run(done: () => boolean, quietMs: number): Promise<boolean> {
    let told = { entries: this.history.length, at: this.now }
    let moment = { at: this.now, steps: this.steps }
    while (!done()) {
      this.steps++
      if (this.now > moment.at) moment = { at: this.now, steps: this.steps }
      this.goesInCircles = this.steps > stepsMax || this.steps > moment.steps + stepsAtOneMomentMax
      if (this.history.length > told.entries) told = { entries: this.history.length, at: this.now }
      if (this.goesInCircles || this.now > told.at + quietMs) return false
      if (!this.#step() && !(await this.#somethingComes(done))) return false
      await turn()
      this.#askConditions()
      if (this.#failure) throw this.#failure.error
    }
    return true
  }

  /** Ends every process without a trace in the history, and removes the files. */
  dispose(): void {
    for (const process of this.processes) process.dead = true
    this.sandbox.remove()
  }

  /** Runs one callback, moving time on to the next one if it must. `false`: there is none. */
  #step(): boolean {
    for (;;) {
      this.#collectDue()
      const able = this.processes.filter((process) => process.ready.length > 0 && process.pausedUntil <= this.now)
      if (able.length > 0) {
        this.#runOne(able)
        return true
      }
      const next = this.#nextMoment()
      if (next === undefined) return false
      this.now = next
    }
  }

  #runOne(able: readonly ProcessLife[]): void {
    const prompt = able.filter((process) => !process.overtaken)
    const candidates = prompt.length > 0 ? prompt : able
    const process = this.#schedule?.pick(candidates) ?? (candidates[0] as ProcessLife)
    const callback = process.ready.shift() as () => void
    if (process.slowMs > 0) process.pausedUntil = this.now + Math.ceil(process.random() * process.slowMs)
    try {
      callback()
    } catch (error) {
      if (!process.dead) this.#failure ??= { error }
    }
  }

  /** Hands due timers to their processes; those of the engine itself run at once. */
  #collectDue(): void {
    for (let timer = this.#timeline.takeDue(this.now); timer; timer = this.#timeline.takeDue(this.now)) {
      const { owner, callback } = timer
      const due = timer
      if (owner === undefined) callback()
      else if (!owner.dead) owner.ready.push(() => due.cancelled || callback())
    }
  }

  #nextMoment(): number | undefined {
    const resumptions = this.processes.filter((process) => process.ready.length > 0).map((process) => process.pausedUntil)
    const moments = this.#timeline.next === undefined ? resumptions : [...resumptions, this.#timeline.next.at]
    return moments.length === 0 ? undefined : Math.max(this.now, Math.min(...moments))
  }

  async #runMain(process: ProcessLife, main: ProcessMain): Promise<void> {
    try {
      await main(process)
      process.record("finished")
      process.state = "finished"
    } catch (error) {
      if (process.dead) return
      process.record("failed", { reason: error instanceof Error ? error.message : String(error) })
      process.state = { error }
    }
  }

  #askConditions(): void {
    for (const process of this.processes) {
      if (process.dead || process.conditions.length === 0) continue
      for (const condition of process.conditions.splice(0)) {
        try {
          if (condition.holds()) process.ready.push(condition.resolve)
          else process.conditions.push(condition)
        } catch (error) {
          condition.reject(error)
        }
      }
    }
  }

  /** Nothing simulated is left to happen: perhaps the code waits for the machine. */
  async #somethingComes(done: () => boolean): Promise<boolean> {
    for (let count = 0; count < graceTurns; count++) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      this.#askConditions()
      if (done() || !this.isStill()) return true
    }
    return false
  }
}

/** One turn of the real event loop: every promise that can be settled has been. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
