import { type Clock, systemClock } from "./clock.ts"
import { BrokerError } from "./errors.ts"
import { anything, type Check, callable, channelName, checkOptions, durationMs, integer, oneOf, shown, text } from "./options.ts"
import { type Database, type Durability, openDatabase } from "./storage/database.ts"
import { migrate } from "./storage/migrate.ts"
import { inboxVersions } from "./storage/schema.ts"
import { Store } from "./storage/store.ts"

/** The memory of an idempotent consumer: which messages have taken effect in this database. */
export interface Inbox {
  /**
   * Runs `effect` and records the message's id in one transaction, unless this consumer has it already: then it does
   * nothing and returns false. If `effect` throws, both are undone, the error goes to the caller, and the message may
   * come again. Joins a transaction that is open on the connection.
   * @throws {TypeError} if `effect` returns a promise: its work would be outside the transaction
   */
  once(message: { id: string }, consumer: string, effect: (database: Database) => void): boolean
}

export interface InboxOptions {
  /**
   * How long and how much the inbox remembers. An id is forgotten when it is older than `ageMs`, or when `messagesMax`
   * newer ones have come: a duplicate after that takes effect again, so both have to exceed what a broker may repeat.
   * @default 30 days and 1_000_000 messages (about 100 MB)
   */
  retention?: { ageMs?: number; messagesMax?: number }
  /** Of this connection's commits. @default "full" */
  durability?: Durability
  clock?: Clock
  random?: () => number
}

const ageMsDefault = 30 * 24 * 60 * 60 * 1_000
const messagesMaxDefault = 1_000_000

/** Each new id makes room for more than itself, so that a shortened retention takes hold too. */
const forgottenPerMessageMax = 4

const retentionChecks: Record<string, Check> = { ageMs: durationMs(1), messagesMax: integer(1) }

/**
 * The idempotent consumer (Richardson, "Microservices Patterns", 3.3.6), for a consumer whose effects are in a database of
 * its own: opens the inbox there, and makes its table the first time. With it, at-least-once delivery has its
 * effect exactly once, also beyond a broker's deduplication window.
 *
 * @example
 * const inbox = createInbox(database)
 * orders.consume((message) => {
 *   inbox.once(message, "kitchen", () => {
 *     database.prepare("INSERT INTO tickets (order_id) VALUES (?)").run(message.body.orderId)
 *   })
 * })
 *
 * @throws {BrokerError} codes `CANNOT_OPEN`, `READ_ONLY`, `NEWER_FILE`, `SECOND_DRIVER`
 */
export function createInbox(database: Database, options: InboxOptions = {}): Inbox {
  checkOptions("createInbox", options, {
    retention: (value) => checkOptions("createInbox, retention,", value, retentionChecks),
    durability: oneOf("full", "normal"),
    clock: anything,
    random: callable,
  })
  if (typeof database === "string") {
    throw new TypeError("createInbox takes the consumer's open better-sqlite3 handle, which its effects use: got a path.")
  }
  openDatabase(database, options.durability ?? "full")
  const store = new Store(database, { clock: options.clock ?? systemClock, random: options.random ?? Math.random, owned: false })
  migrate(store, "inbox", inboxVersions)
  return new TransactionalInbox(store, options.retention)
}

class TransactionalInbox implements Inbox {
  readonly #store: Store
  readonly #ageMs: number
  readonly #messagesMax: number

  constructor(store: Store, { ageMs = ageMsDefault, messagesMax = messagesMaxDefault }: { ageMs?: number; messagesMax?: number } = {}) {
    this.#store = store
    this.#ageMs = ageMs
    this.#messagesMax = messagesMax
  }

  once(message: { id: string }, consumer: string, effect: (database: Database) => void): boolean {
    text(200)(message?.id, "The id of a message")
    channelName(consumer, "A consumer's name")
    if (typeof effect !== "function") throw new TypeError(`An effect must be a function: got ${shown(effect)}.`)
    const store = this.#store
    if (!store.database.open) {
      throw new BrokerError("DATABASE_CLOSED", `The consumer's database "${store.database.name}" is closed: nothing was done.`)
    }
    let isNew = false
    store.transaction(() => {
      const { changes, lastInsertRowid } = store
        .sql("INSERT INTO waystation_inbox (consumer, message_id, handled_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .run(consumer, message.id, store.now())
      if (changes === 0) return
      isNew = true
      this.#forget(Number(lastInsertRowid))
      // Returned, so that a promise is noticed.
      return effect(store.database)
    })
    return isNew
  }

  #forget(newest: number): void {
    this.#store
      .sql(
        `DELETE FROM waystation_inbox
         WHERE id IN (SELECT id FROM waystation_inbox ORDER BY id LIMIT ${forgottenPerMessageMax}) AND (id <= ? OR handled_at <= ?)`,
      )
      .run(newest - this.#messagesMax, this.#store.now() - this.#ageMs)
  }
}
