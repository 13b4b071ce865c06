import BetterSqlite3 from "better-sqlite3"
import { createInbox, createOutbox, type Database, type Inbox, type Message, type Outbox } from "#waystation"
import { Anomaly, type AnomalyKind } from "../support/anomaly.ts"
import { type Words, words } from "../support/language.ts"
import { Crash, type Process } from "../support/process.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"
import { nameOf } from "./tables.ts"

/** What the learner's functions get. */
export interface Opened {
  readonly database: Database
  readonly inbox: Inbox
  readonly outbox: Outbox
}

export interface Sent {
  readonly channel: string
  readonly key: string | null
  readonly delayMs: number
  readonly body: unknown
  /** "order-7 created" */
  readonly name: string
}

/** One service without a broker: what happens to it comes step by step, and it may crash at an effect. */
export class ServiceRun extends Station {
  readonly #who: Words
  readonly #onlooker: BetterSqlite3.Database
  #process: Process
  #opened: Opened
  #crashed = false

  constructor(who: Words, tables: string, crashAtEffect?: number) {
    super({ name: () => ({ message: "" }) })
    this.#who = who
    const first = this.process(who)
    first.database("service").exec(tables)
    this.#process = first
    this.#opened = this.#open()
    this.#onlooker = new BetterSqlite3(this.#opened.database.name)
    if (crashAtEffect !== undefined) this.#process.crashAtEffect(crashAtEffect)
  }

  get crashed(): boolean {
    return this.#crashed
  }

  /**
   * Lets something come to the service. If it crashes meanwhile, it is started again and the same comes once more, as it would:
   * `between` looks at what the crash has left.
   */
  comes(sentence: Words, handle: (service: Opened) => void, between: () => void): void {
    this.tell(sentence)
    try {
      handle(this.#opened)
      return
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
    this.#crashed = true
    between()
    this.#opened = this.#open()
    this.tell(words("{0:이/가} 다시 시작해요", "{0} starts again", this.#who))
    this.tell(words("{0} (다시)", "{0}, once more", sentence))
    handle(this.#opened)
  }

  tell(sentence: Words): void {
    this.history.add({ process: this.#who.en, who: this.#who, event: "told", words: sentence })
  }

  rows<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.#onlooker.prepare<unknown[], Row>(sql).all(...values)
  }

  /** Past the service: what was there before. */
  write(sql: string, ...values: unknown[]): void {
    this.#onlooker.prepare(sql).run(...values)
  }

  /** What a relay would send on, once it looks. */
  get sent(): Sent[] {
    type Row = { channel: string; key: string | null; delayMs: number; body: string }
    const rows = this.rows<Row>("SELECT channel, key, delay_ms AS delayMs, body FROM waystation_outbox ORDER BY position")
    return rows.map(({ body, ...row }) => {
      const parsed: unknown = JSON.parse(body)
      return { ...row, body: parsed, name: nameOf(row.channel, parsed) }
    })
  }

  /** @throws {Error} told with all that has happened */
  fail(kind: AnomalyKind | "WRONG", headline: Words, note?: Words): never {
    if (kind !== "WRONG") throw new Anomaly({ kind, headline, note }, this.history)
    const steps = this.history.steps.flatMap((step) => step.words ?? [])
    throw new Wrong(headline, steps, note)
  }

  #open(): Opened {
    if (!this.#process.alive) this.#process = this.process(this.#who)
    const database = this.#process.database("service")
    const timing = { clock: this.clock, random: this.random }
    return { database, inbox: createInbox(database, timing), outbox: createOutbox(database, timing) }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#onlooker.close()
    await super[Symbol.asyncDispose]()
  }
}

export function message<Body>(id: string, body: Body): Message<Body> {
  return { id, body, channel: "", headers: {}, sentAt: 0, attempt: 1 }
}
