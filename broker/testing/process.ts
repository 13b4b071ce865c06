import { basename } from "node:path"
import type { Clock } from "../clock.ts"
import type { OutgoingMessage, Publisher } from "../message.ts"
import type { Database } from "../storage/database.ts"
import { type Effect, instrument, type Witness } from "./database.ts"
import type { Details } from "./history.ts"
import { type Broker, type BrokerOptions, type ObservedProcess, observedBroker } from "./observe.ts"
import type { OutboxWatch } from "./outbox-watch.ts"
import type { Sandbox } from "./sandbox.ts"

/** What the code of a process that was crashed gets from everything it still tries. Nothing it does has an effect. */
export class ProcessCrashedError extends Error {
  constructor(process: string) {
    super(`The process "${process}" was crashed here by the test.`)
    this.name = "ProcessCrashedError"
  }
}

/** A process as a scenario sees it: all that it does goes through here, so that it can be seen, ordered and broken off. */
export interface SimulatedProcess {
  readonly name: string
  /** 1, and one more after each crash. */
  readonly life: number
  /** Its own view of virtual time. */
  readonly clock: Clock
  /** Seeded chance. */
  readonly random: () => number
  /** Both, as options: `createOutbox(database, process.timing)`. */
  readonly timing: { readonly clock: Clock; readonly random: () => number }
  /** Numbers from 0, for processes that send many messages: a failure is then told with the fewest that show it. */
  readonly messages: readonly number[]
  /** A connection to a file of this run, made if it is not there. Each of its statements can be where the process dies. */
  open(file: string): Database
  /** A broker in a file of this run (or on a handle from `open`), on virtual time and seeded chance. @default "broker.db" */
  openBroker(location?: string | Database, options?: Omit<BrokerOptions, "clock" | "random">): Broker
  /** The publisher, seen: each publication can be where the process dies. Without one: a broker elsewhere that takes all. */
  publisher(publisher?: Publisher): Publisher
  /**
   * Something is done to the world outside: a mail, a charge. It is done even if the process dies right after, and the
   * process may die right before.
   */
  effect(what: string, details?: { id?: string; key?: string }): void
  /** Whether no message waits, or is being handled, in any channel that is consumed in this run. */
  isIdle(): boolean
  sleep(ms: number): Promise<void>
  /** Resolves once the condition holds; it is asked after every step. */
  until(condition: () => boolean): Promise<void>
}

/** Decides, at each boundary of an effect, whether to let it happen. To stop it, it throws or crashes the process. */
export interface Interceptor {
  boundary(process: ProcessLife, effect: Effect, moment: "before" | "after", database: Database | undefined): void
  begin?(process: ProcessLife, database: Database): void
}

/** What runs the processes, as they see it. */
export interface ProcessHost {
  readonly now: number
  readonly elapsedMs: number
  readonly sandbox: Sandbox
  readonly interceptor: Interceptor | undefined
  readonly published: OutgoingMessage[]
  readonly consumed: Set<string>
  readonly brokerFiles: Set<string>
  readonly outboxes: OutboxWatch
  effects: number
  isIdle(): boolean
  setTimer(owner: ProcessLife, delayMs: number, callback: () => void): () => void
  record(process: string, event: string, details: Details): void
  nextOperation(): number
}

/** One life of a process: from its start to its crash. */
export class ProcessLife implements SimulatedProcess, ObservedProcess, Witness {
  readonly name: string
  readonly life: number
  readonly clock: Clock
  readonly random: () => number
  readonly timing: { readonly clock: Clock; readonly random: () => number }
  readonly messages: readonly number[]
  readonly bornAtMs: number
  readonly ready: (() => void)[] = []
  readonly conditions: { holds: () => boolean; resolve: () => void; reject: (error: unknown) => void }[] = []
  dead = false
  state: "running" | "finished" | { error: unknown } = "running"
  /** What simulated faults are at work on it. */
  pausedUntil = 0
  clockOffsetMs = 0
  slowMs = 0
  overtaken = false
  refusals = 0
  repeats = 0
  readonly #host: ProcessHost
  readonly #handles: { handle: Database; exec: (sql: string) => void }[] = []
  readonly #tellingWrites = new Set<Database>()

  constructor(host: ProcessHost, options: { name: string; life: number; random: () => number; messages: readonly number[] }) {
    this.#host = host
    this.bornAtMs = host.elapsedMs
    this.name = options.name
    this.life = options.life
    this.random = options.random
    this.messages = options.messages
    this.clock = {
      now: () => host.now + this.clockOffsetMs,
      setTimer: (delayMs, callback) => host.setTimer(this, delayMs, callback),
      defer: (callback) => {
        if (!this.dead) this.ready.push(callback)
      },
    }
    this.timing = { clock: this.clock, random: this.random }
  }

  open(file: string): Database {
    this.alive()
    const raw = this.#host.sandbox.connect(file)
    const exec = raw.exec.bind(raw)
    const handle = instrument(raw, file, this)
    this.#handles.push({ handle, exec })
    return handle
  }

  openBroker(location: string | Database = "broker.db", options: Omit<BrokerOptions, "clock" | "random"> = {}): Broker {
    const database = typeof location === "string" ? this.open(location) : location
    const broker = observedBroker(this, database, options)
    this.#host.brokerFiles.add(basename(database.name))
    return broker
  }

  publisher(publisher?: Publisher): Publisher {
    return { publish: (messages) => this.#publish(publisher, messages) }
  }

  effect(what: string, details: { id?: string; key?: string } = {}): void {
    if (this.dead) return
    this.performed({ kind: "outside", where: "", what }, () => this.record("effect", { what, ...details }))
  }

  isIdle(): boolean {
    return this.#host.isIdle()
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.setTimer(ms, resolve))
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => void this.conditions.push({ holds: condition, resolve, reject }))
  }

  record(event: string, details: Details = {}): void {
    if (!this.dead) this.#host.record(this.name, event, details)
  }

  /** A consumer begins: what it consumes must be empty in the end. */
  subscribed(destination: { channel: string; subscription?: string; group?: string }, details: Details): void {
    const { channel, subscription, group } = destination
    this.#host.consumed.add(JSON.stringify([channel, subscription ?? group ?? ""]))
    this.record("subscribed", { ...destination, ...details })
  }

  /** Records the beginning of an operation and returns its number. */
  operation(event: string, details: Details): number {
    const operation = this.#host.nextOperation()
    this.record(event, { ...details, operation })
    return operation
  }

  /** An effect with both of its boundaries. */
  performed<T>(effect: Effect, work: () => T): T {
    this.alive()
    this.before(effect)
    const result = work()
    this.after(effect)
    return result
  }

  alive(): void {
    if (this.dead) throw new ProcessCrashedError(this.name)
  }

  beginning(database: Database): void {
    this.#host.interceptor?.begin?.(this, database)
  }

  before(effect: Effect, database?: Database): void {
    this.#host.interceptor?.boundary(this, effect, "before", database)
    this.alive()
  }

  after(effect: Effect, database?: Database): void {
    this.#host.effects++
    if (database) this.#tellDatabase(effect, database)
    this.#host.interceptor?.boundary(this, effect, "after", database)
    this.alive()
  }

  /** The process is gone: connections are closed, timers never fire, and what still runs of its code gets errors. */
  crash(what: string, moment?: "before" | "after"): void {
    if (this.dead) return
    this.record("crashed", moment ? { what, moment } : { what })
    this.dead = true
    this.ready.length = 0
    this.conditions.length = 0
    for (const { handle, exec } of this.#handles) this.#host.sandbox.kill(handle, exec)
  }

  /** The process has done its work and goes: what a consumer of its still held comes back when the lease ends. */
  end(): void {
    this.record("ended")
    this.dead = true
    this.ready.length = 0
  }

  async #publish(publisher: Publisher | undefined, messages: readonly OutgoingMessage[]): Promise<void> {
    const what = messages.map((message) => message.id).join(", ")
    const effect: Effect = { kind: "publish", where: [...new Set(messages.map((message) => message.channel))].join(", "), what }
    this.alive()
    if (this.refusals > 0) {
      this.refusals--
      throw new Error("A simulated fault made this publisher refuse.")
    }
    this.before(effect)
    const times = this.repeats > 0 ? 2 : 1
    this.repeats -= times - 1
    for (let time = 0; time < times; time++) {
      await publisher?.publish(messages)
      this.alive()
      for (const message of messages) {
        this.record("published", { channel: message.channel, id: message.id, ...(message.key === undefined ? {} : { key: message.key }) })
        this.#host.published.push(message)
      }
    }
    this.after(effect)
  }

  /** The broker tells of its own tables by its events; a commit is told if it made somebody else's write last. */
  #tellDatabase(effect: Effect, database: Database): void {
    if (effect.kind === "write" && !effect.what.includes(" waystation_")) {
      this.record("wrote", { file: effect.where, what: effect.what })
      if (database.inTransaction) this.#tellingWrites.add(database)
    }
    if (effect.kind === "commit" && this.#tellingWrites.delete(database)) this.record("transaction", { file: effect.where })
    for (const { event, details } of this.#host.outboxes.after(effect.what, effect.where, database)) this.record(event, details)
  }
}
