import { dirname, join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { type Broker, openBroker } from "#waystation"
import { type Words, words } from "./language.ts"
import { observed } from "./observe.ts"
import type { Station } from "./station.ts"
import { withEffects } from "./with-effects.ts"

/** Thrown into a process at the point where it crashes, and at whatever it still tries afterwards. */
export class Crash extends Error {
  override readonly name = "Crash"
}

const brokerEvents = ["sent", "delivered", "acked", "nacked", "dead-lettered", "lease-lost", "rebalanced", "committed"] as const

/**
 * An operating system process that has the broker's file open. After a crash its timers stay silent, its connection is
 * closed with whatever transaction was open, and what it awaits never comes: as after `kill -9`.
 */
export class Process {
  readonly who: Words
  /** What the learner's code gets. */
  readonly broker: Broker
  readonly #station: Station
  readonly #directory: string
  readonly #database: BetterSqlite3.Database
  /** Also of the databases that are the process's own. */
  readonly #connections: BetterSqlite3.Database[] = []
  #alive = true
  readonly #crash = Promise.withResolvers<void>()
  #effectsLeft = Number.POSITIVE_INFINITY

  constructor(station: Station, who: Words, path: string) {
    const { clock, history, random, naming, leaseMs } = station
    this.who = who
    this.#station = station
    this.#directory = dirname(path)
    this.#database = this.#open(path)
    const ownClock = {
      now: () => clock.now(),
      setTimer: (delayMs: number, callback: () => void) => clock.setTimer(delayMs, () => void (this.#alive && callback())),
      defer: (callback: () => void) => clock.defer(() => void (this.#alive && callback())),
    }
    const broker = openBroker(this.#database, { clock: ownClock, random, durability: "normal" })
    for (const event of brokerEvents) {
      broker.events.on(event, ({ time: _, messageId, ...known }) => {
        history.add({ process: who.en, who, event, ...known, ...(messageId !== undefined && { id: messageId }) })
      })
    }
    const onError = (error: unknown) => this.#alive && station.noteError(error)
    this.broker = observed(broker, { history, naming, leaseMs, onError, gone: () => !this.#alive })
  }

  /** A database of the service's own, beside the broker's file: whatever changes it is an effect, too. */
  database(name: string): BetterSqlite3.Database {
    const database = this.#open(join(this.#directory, `${name}.db`))
    database.pragma("journal_mode = WAL")
    return database
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Resolves when the process crashes. */
  get crashed(): Promise<void> {
    return this.#crash.promise
  }

  /** Lets the process crash at an effect to come: 1 is the next. */
  crashAtEffect(effects: number): void {
    this.#effectsLeft = effects
  }

  /** Runs code that may crash at once. */
  run(code: () => void): void {
    try {
      code()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }

  /** An effect begins or ends here. */
  effect(): void {
    if (!this.#alive) throw new Crash(`The process of ${this.who.en} has crashed.`)
    if (--this.#effectsLeft > 0) return
    this.crash()
    throw new Crash(`The process of ${this.who.en} crashes.`)
  }

  crash(): void {
    this.#alive = false
    for (const connection of this.#connections) connection.close()
    this.#crash.resolve()
    const { who } = this
    this.#station.history.add({ process: who.en, who, event: "crashed", words: words("{0:이/가} 갑자기 죽어요", "{0} crashes", who) })
  }

  /** Slowness in virtual time. In a process that has crashed meanwhile it never ends. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#station.clock.setTimer(ms, () => void (this.#alive && resolve())))
  }

  async close(): Promise<void> {
    if (!this.#alive) return
    this.#effectsLeft = Number.POSITIVE_INFINITY
    await this.broker.close({ graceMs: 0 })
    this.#alive = false
    for (const connection of this.#connections) connection.close()
  }

  #open(path: string): BetterSqlite3.Database {
    const connection = withEffects(new BetterSqlite3(path), () => this.effect())
    this.#connections.push(connection)
    return connection
  }
}
