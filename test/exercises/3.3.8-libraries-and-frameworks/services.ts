import BetterSqlite3 from "better-sqlite3"
import { createInbox, createOutbox, type OutgoingMessage, type Publisher, type Relay, relayOutbox } from "#waystation"
import type { Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { difference, shown } from "../support/said.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"

export const orderService: Words = { ko: "주문 서비스", en: "the order service" }
export const kitchenService: Words = { ko: "주방 서비스", en: "the kitchen service" }
const relaying: Words = { ko: "릴레이", en: "the relay" }

export const ordersTable = "CREATE TABLE orders (id TEXT PRIMARY KEY, cents INTEGER NOT NULL, state TEXT NOT NULL) STRICT"
/** Without a key, so that a ticket written twice is there twice. */
export const ticketTable = "CREATE TABLE ticket (order_id TEXT NOT NULL, state TEXT NOT NULL) STRICT"

/** What a message is about, and of what type: "order-7 OrderPlaced". */
export function nameOf({ body, headers }: Pick<OutgoingMessage, "body" | "headers">): string {
  const about = (body as { orderId?: string } | null)?.orderId ?? JSON.stringify(body)
  return [about, headers["event-type"] ?? headers["command-type"] ?? headers["reply-outcome"]].filter(Boolean).join(" ")
}

/** A run of a service with a database of its own, which lives on when its process crashes, and a relay that does not crash. */
export class ServiceRun extends Station {
  readonly #who: Words
  readonly #reader: BetterSqlite3.Database
  readonly #relay: Relay
  readonly #relayProcess: Process
  #refused: unknown
  #told = ""

  constructor(who: Words, tables: string) {
    super({ name: (body) => ({ message: (body as { orderId?: string } | null)?.orderId ?? JSON.stringify(body) }) }, { leaseMs: 1_000 })
    this.#who = who
    const database = this.process({ ko: "설치", en: "the installation" }).database("service")
    database.exec(tables)
    createOutbox(database)
    createInbox(database)
    // Only looks on: no effect of the service's.
    this.#reader = new BetterSqlite3(database.name)
    this.#relayProcess = this.process(relaying)
    this.#relay = relayOutbox(this.#relayProcess.database("service"), this.#publisher(), {
      method: "polling",
      nudge: false,
      clock: this.clock,
      random: this.random,
      events: {
        listenerCount: () => 1,
        emit: (name, event) => void (name === "failed" && "error" in event && this.#noteRefusal(event.error)),
      },
    })
  }

  /** A process of the service, with its database. */
  start(): { process: Process; database: BetterSqlite3.Database } {
    const process = this.process(this.#who)
    return { process, database: process.database("service") }
  }

  rows<Row>(sql: string): Row[] {
    return this.#reader.prepare<[], Row>(sql).all()
  }

  /** Moves time on until everything in the outbox is on its channel, or cannot get there. */
  async relayed(): Promise<void> {
    await this.reaches(() => this.#refused !== undefined || this.#relay.backlog === 0, 20_000)
  }

  /** STUCK: what the relay cannot publish stays in the outbox, and all behind it. */
  stuck(): Finding | undefined {
    if (this.#refused === undefined || this.#relay.backlog === 0) return undefined
    const [row] = this.rows<{ body: string; headers: string | null }>("SELECT body, headers FROM waystation_outbox ORDER BY position")
    const name = row ? nameOf({ body: JSON.parse(row.body), headers: JSON.parse(row.headers ?? "{}") }) : ""
    return {
      kind: "STUCK",
      headline: words("{0} 메시지가 아웃박스에서 나가지 못해요", "{0} does not get out of the outbox", code(name)),
      note: words("릴레이: {0}", "the relay: {0}", String((this.#refused as Error).message)),
    }
  }

  tell(sentence: Words, event = "told", message?: { id: string; message: string; key?: string }): void {
    this.history.add({ process: this.#who.en, who: this.#who, event, ...message, words: sentence })
  }

  /** What is in the database now, if it is not what was told last. */
  tellState(state: Words): void {
    if (state.en === this.#told) return
    this.#told = state.en
    this.tell(words("데이터베이스: {0}", "in the database: {0}", state))
  }

  #publisher(): Publisher {
    const inner = this.#relayProcess.broker.publisher()
    return {
      publish: async (messages) => {
        await inner.publish(messages)
        for (const message of messages) {
          this.history.names.set(message.id, { message: nameOf(message), ...(message.key !== undefined && { key: message.key }) })
          const sentence = words(
            "릴레이가 {0} 메시지를 {1} 채널에 발행해요",
            "the relay publishes {0} on {1}",
            code(nameOf(message)),
            code(message.channel),
          )
          this.history.add({ process: relaying.en, who: relaying, event: "told", id: message.id, words: sentence })
        }
      },
    }
  }

  #noteRefusal(error: unknown): void {
    this.#refused ??= error
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const stopping = this.#relay.stop()
    await this.clock.advance(100)
    await stopping
    this.#reader.close()
    await super[Symbol.asyncDispose]()
  }
}

/** WRONG: where no message has gone astray. */
export function expectSame(got: unknown, expected: unknown, what: Words): void {
  if (!difference(got, expected)) return
  throw new Wrong(words("{0:이/가} {1}, 맞는 값은 {2}", "{0} is {1}, and should be {2}", what, shown(got), shown(expected)))
}
