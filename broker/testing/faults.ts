import type { Database } from "../storage/database.ts"
import type { Chance } from "./chance.ts"
import { type Effect, effectInWords, sqliteError } from "./database.ts"
import type { Engine } from "./engine.ts"
import type { Interceptor, ProcessLife } from "./process.ts"

/**
 * What can befall a process.
 *
 * - `crash`: it dies before or after one of its next effects, and is started again after a while
 * - `pause`: it stands still, as when the machine sleeps, and then goes on as if nothing had been
 * - `slow`: each of its steps is followed by a wait
 * - `reorder`: everybody else goes first
 * - `duplicate`: a publication, or a send that has an id, is done twice
 * - `nack`: its handlers throw, its publisher refuses
 * - `clock-jump`: its wall clock is wrong
 * - `busy`: another program holds the database's write lock
 * - `io-error`, `full-disk`: its writes or commits fail
 */
export type FaultKind = (typeof faultKinds)[number]

export const faultKinds = ["crash", "pause", "slow", "reorder", "duplicate", "nack", "clock-jump", "busy", "io-error", "full-disk"] as const

export interface Fault {
  readonly kind: FaultKind
  readonly process: string
  /** Milliseconds after the start of the run. */
  readonly atMs: number
  /** How long it lasts, or for a clock how wrong it is. */
  readonly forMs: number
  /** How many times it strikes, or for a crash how many effects away it is. */
  readonly count: number
}

export interface FaultOptions {
  /** Which faults there are. @default all */
  kinds: readonly FaultKind[]
  /** No fault begins, or lasts, longer than this after the start. */
  duringMs: number
  /** The longest pause. More than a lease, so that leases are lost. */
  pauseMsMax: number
}

/** Draws the faults of a run. */
export function drawFaults(chance: Chance, processes: readonly string[], { kinds, duringMs, pauseMsMax }: FaultOptions): Fault[] {
  if (kinds.length === 0 || processes.length === 0) return []
  return Array.from({ length: chance.integer(2, 10) }, () => {
    const kind = chance.pick(kinds)
    const longest = kind === "pause" ? pauseMsMax : kind === "slow" ? 2_000 : kind === "clock-jump" ? 2 * pauseMsMax : 1_500
    const sign = kind === "clock-jump" && chance.happens(0.5) ? -1 : 1
    return {
      kind,
      process: chance.pick(processes),
      // More of them early, when there is work to be disturbed.
      atMs: Math.floor(chance.next() ** 3 * duringMs),
      forMs: sign * chance.integer(1, longest),
      count: chance.integer(1, 5),
    }
  }).sort((one, other) => one.atMs - other.atMs)
}

interface Armed {
  crash?: { inEffects: number; moment: "before" | "after" } | undefined
  busy: number
  ioErrors: number
  diskFullUntil: number
}

/** Makes the faults happen when their time has come. */
export class FaultInjector implements Interceptor {
  readonly #engine: Engine
  readonly #chance: Chance
  readonly #restart: (name: string) => void
  readonly #armed = new Map<string, Armed>()
  /** From now on nothing goes wrong any more: what is not done in the end will never be. */
  #over = false

  constructor(engine: Engine, options: { chance: Chance; faults: readonly Fault[]; restart: (name: string) => void; duringMs: number }) {
    this.#engine = engine
    this.#chance = options.chance
    this.#restart = options.restart
    engine.interceptor = this
    for (const fault of options.faults) engine.setTimer(undefined, fault.atMs, () => this.#begin(fault))
    engine.setTimer(undefined, options.duringMs, () => this.#endAll())
  }

  boundary(process: ProcessLife, effect: Effect, moment: "before" | "after", database: Database | undefined): void {
    const armed = this.#of(process.name)
    if (armed.crash && moment === "before") armed.crash.inEffects--
    if (armed.crash && armed.crash.inEffects <= 0 && armed.crash.moment === moment) this.#crash(process, effectInWords(effect), moment)
    if (moment === "after" || !database || this.#over || process.dead) return
    if (armed.ioErrors > 0) {
      armed.ioErrors--
      this.#fail("SQLITE_IOERR_WRITE", effect, database)
    }
    if (armed.diskFullUntil > this.#engine.now) this.#fail("SQLITE_FULL", effect, database)
  }

  begin(process: ProcessLife): void {
    const armed = this.#of(process.name)
    if (armed.busy <= 0 || this.#over) return
    armed.busy--
    throw sqliteError("SQLITE_BUSY")
  }

  #of(name: string): Armed {
    const armed = this.#armed.get(name) ?? { busy: 0, ioErrors: 0, diskFullUntil: 0 }
    this.#armed.set(name, armed)
    return armed
  }

  /** SQLite undoes the whole transaction after some failures and only the statement after others: both are met. */
  #fail(code: "SQLITE_FULL" | "SQLITE_IOERR_WRITE", effect: Effect, database: Database): never {
    if (database.inTransaction && (effect.kind === "commit" || this.#chance.happens(0.5))) database.exec("ROLLBACK")
    throw sqliteError(code)
  }

  #begin(fault: Fault): void {
    const process = this.#engine.processes.findLast(({ name }) => name === fault.process)
    if (!process || process.dead || this.#over) return
    const { kind, forMs, count } = fault
    process.record("fault", { what: inWords(fault) })
    const armed = this.#of(process.name)
    if (kind === "crash") this.#armCrash(process, armed, fault)
    else if (kind === "pause") process.pausedUntil = Math.max(process.pausedUntil, this.#engine.now + forMs)
    else if (kind === "slow") this.#during(fault, process, { slowMs: 1 + forMs / 10 }, { slowMs: 0 })
    else if (kind === "reorder") this.#during(fault, process, { overtaken: true }, { overtaken: false })
    else if (kind === "clock-jump") this.#during(fault, process, { clockOffsetMs: forMs }, { clockOffsetMs: 0 })
    else if (kind === "duplicate") process.repeats += count
    else if (kind === "nack") process.refusals += count
    else if (kind === "busy") armed.busy += count
    else if (kind === "io-error") armed.ioErrors += Math.ceil(count / 2)
    else armed.diskFullUntil = this.#engine.now + forMs
  }

  #during(fault: Fault, process: ProcessLife, struck: Partial<ProcessLife>, calm: Partial<ProcessLife>): void {
    Object.assign(process, struck)
    this.#engine.setTimer(undefined, Math.abs(fault.forMs), () => Object.assign(process, calm))
  }

  #armCrash(process: ProcessLife, armed: Armed, { count, forMs }: Fault): void {
    armed.crash = { inEffects: count, moment: this.#chance.happens(0.5) ? "before" : "after" }
    // A process that has nothing to write dies all the same.
    this.#engine.setTimer(undefined, 200 + forMs, () => {
      if (armed.crash && !process.dead) this.#crash(process, "waiting")
    })
  }

  #crash(process: ProcessLife, what: string, moment?: "before" | "after"): void {
    this.#armed.delete(process.name)
    process.crash(what, moment)
    this.#engine.setTimer(undefined, this.#chance.integer(1, 1_000), () => this.#restart(process.name))
  }

  #endAll(): void {
    this.#over = true
    this.#armed.clear()
    for (const process of this.#engine.processes) {
      Object.assign(process, { pausedUntil: 0, slowMs: 0, overtaken: false, clockOffsetMs: 0, repeats: 0, refusals: 0 })
    }
  }
}

export function inWords({ kind, forMs, count }: Fault): string {
  const times = `${kind} (${count}×)`
  const lasting = `${kind} (${forMs} ms)`
  return { nack: times, busy: times, duplicate: times, "io-error": times, crash: kind }[kind as string] ?? lasting
}
