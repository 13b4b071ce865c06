import BetterSqlite3 from "better-sqlite3"
import { type Broker, openBroker } from "#waystation"
import { type Words, words } from "./language.ts"
import { observed } from "./observe.ts"
import type { Station } from "./station.ts"

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
  readonly #database: BetterSqlite3.Database
  #alive = true
  readonly #crash = Promise.withResolvers<void>()
  #effectsLeft = Number.POSITIVE_INFINITY

  constructor(station: Station, who: Words, path: string) {
    const { clock, history, random, naming } = station
    this.who = who
    this.#station = station
    this.#database = this.#watched(new BetterSqlite3(path))
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
    this.broker = observed(broker, { history, naming, onError: (error) => this.#alive && station.noteError(error) })
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
    this.#database.close()
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
    this.#database.close()
  }

  /**
   * The connection, with an effect before and after whatever changes the file: a commit, a statement outside a
   * transaction. To crash inside a transaction is to crash before its commit.
   */
  #watched(database: BetterSqlite3.Database): BetterSqlite3.Database {
    const prepare = database.prepare.bind(database)
    const watched = (sql: string) => {
      const statement = prepare(sql)
      const commits = /^\s*(commit|end)\b/i.test(sql)
      if (!commits && (statement.readonly || /^\s*(begin|savepoint|release|rollback)\b/i.test(sql))) return statement
      for (const method of ["run", "get", "all"] as const) {
        const original = statement[method].bind(statement) as (...values: unknown[]) => unknown
        const between = (...values: unknown[]) => {
          if (!commits && database.inTransaction) return original(...values)
          this.effect()
          const result = original(...values)
          this.effect()
          return result
        }
        Object.defineProperty(statement, method, { value: between })
      }
      return statement
    }
    Object.defineProperty(database, "prepare", { value: watched })
    return database
  }
}
