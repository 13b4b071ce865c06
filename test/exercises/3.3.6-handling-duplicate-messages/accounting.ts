import BetterSqlite3 from "better-sqlite3"
import type { Broker, Database } from "#waystation"
import type { AnomalyKind, Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { Station } from "../support/station.ts"

/** An order's message. The same id twice is one message that comes twice. */
export interface Sending {
  readonly id: string
  readonly orderId: string
  readonly customerId: string
  readonly cents: number
}

export const accounting: Words = { ko: "회계 서비스", en: "the accounting service" }

export const pointsTables = `
  CREATE TABLE IF NOT EXISTS points (customer_id TEXT PRIMARY KEY, balance INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS order_count (customer_id TEXT PRIMARY KEY, orders INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS processed_message (consumer TEXT, message_id TEXT, PRIMARY KEY (consumer, message_id)) STRICT`

export interface Service {
  readonly start: (broker: Broker, database: Database, process: Process) => unknown
  readonly state: () => Words | undefined
  readonly crashAtEffect?: number | undefined
}

/** A run of the accounting service, with a database of its own that lives on when its process crashes. */
export class AccountingRun extends Station {
  readonly #reader: BetterSqlite3.Database
  #crashed = false
  #told = ""

  constructor() {
    super({ name: (body) => ({ message: (body as Sending).orderId }) }, { leaseMs: 1_000 })
    // Only looks on: no effect of the service's.
    const first = this.process({ ko: "설치", en: "the installation" })
    const database = first.database("accounting")
    database.exec(pointsTables)
    this.#reader = new BetterSqlite3(database.name)
  }

  get crashed(): boolean {
    return this.#crashed
  }

  /** The one number that a query gives, as it is in the service's database now. */
  count(sql: string): number {
    return Number(Object.values(this.#reader.prepare(sql).get() as object)[0] ?? 0)
  }

  /**
   * Starts the service, lets it crash at an effect if it is to, starts it again, and moves time on until nothing waits any more.
   * `start` begins to consume; `state` says in the story what there is for it to tell.
   */
  async serve({ start, state, crashAtEffect }: Service): Promise<void> {
    const process = this.#start({ start, state }, crashAtEffect)
    const sender = this.process({ ko: "주문 서비스", en: "the order service" })
    await this.reaches(() => !process.alive || isIdle(sender.broker), 600_000)
    if (!process.alive) {
      this.#crashed = true
      this.#tellState(state)
      const again = words("{0:이/가} 다시 시작해요", "{0} is started again", accounting)
      const gone = words("{0:이/가} 다시 시작해요. 남은 메시지는 없어요", "{0} is started again, and no message is left for it", accounting)
      this.tell("started", isIdle(sender.broker) ? gone : again)
      this.#start({ start, state })
      await this.reaches(() => isIdle(sender.broker), 600_000)
    }
    await this.clock.advance(1_000)
  }

  #start({ start, state }: Service, crashAtEffect?: number): Process {
    const process = this.process(accounting)
    const database = process.database("accounting")
    process.broker.events.on("delivered", ({ messageId = "", subscription }) => {
      // What the process had committed before it died is told by nobody any more.
      if (!process.alive) return
      const again = this.history.of("begun").some((step) => step.id === messageId && step.process === (subscription ?? accounting.en))
      const message = this.#named(messageId, subscription)
      const sentence = again
        ? words("{0:이/가} 다시 배달돼요", "{0} is delivered once more", message)
        : words("{0:이/가} 배달돼요", "{0} is delivered", message)
      this.history.add({ process: subscription ?? accounting.en, event: "begun", id: messageId, words: sentence })
    })
    process.broker.events.on("acked", ({ messageId = "", subscription }) => {
      this.tell("told", words("{0:이/가} 처리됐다고 확인(ack)돼요", "{0} is acknowledged", this.#named(messageId, subscription)))
      this.#tellState(state)
    })
    if (crashAtEffect !== undefined) process.crashAtEffect(crashAtEffect)
    process.run(() => void start(process.broker, database, process))
    return process
  }

  tell(event: string, sentence: Words, id?: string): void {
    this.history.add({ process: accounting.en, who: accounting, event, words: sentence, ...(id !== undefined && { id }) })
  }

  /** If it is not what was told last. */
  #tellState(state: Service["state"]): void {
    const now = state()
    if (!now || now.en === this.#told) return
    this.#told = now.en
    this.tell("told", words("데이터베이스: {0}", "in the database: {0}", now))
  }

  #named(messageId: string, subscription: string | undefined): string {
    // With the id: two messages about one order are alike in everything else.
    const name = `${this.history.names.get(messageId)?.message ?? "?"} (${messageId})`
    return code(subscription === undefined ? name : `${name} → ${subscription}`)
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#reader.close()
    await super[Symbol.asyncDispose]()
  }
}

function isIdle(broker: Broker): boolean {
  const { queues, topics } = broker.inspect()
  return [...queues, ...topics.flatMap((topic) => topic.subscriptions)].every(
    ({ ready, delayed, inFlight }) => ready + delayed + inFlight === 0,
  )
}

/** Too little is an effect that is lost, too much one that was had twice. */
export function compared(what: Words, got: number, expected: number): Finding | undefined {
  if (got === expected) return undefined
  const kind: AnomalyKind = got < expected ? "LOST" : "DUPLICATED"
  return { kind, headline: words("{0} {1}, 맞는 값은 {2}", "{0}: {1}, and should be {2}", what, got, expected) }
}
