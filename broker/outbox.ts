import { type Clock, systemClock } from "./clock.ts"
import { BrokerError } from "./errors.ts"
import { IdSource } from "./ids.ts"
import {
  bodyBytesMaxDefault,
  checkSendOptions,
  decodeBody,
  decodeHeaders,
  type OutgoingMessage,
  type SendOptions,
  storedMessage,
} from "./message.ts"
import { anything, callable, channelName, checkOptions, integer, oneOf, shown } from "./options.ts"
import { type Database, type Durability, openDatabase } from "./storage/database.ts"
import { migrate } from "./storage/migrate.ts"
import { outboxVersions } from "./storage/schema.ts"
import { boundInteger, Store } from "./storage/store.ts"
import { Wake } from "./wake.ts"

/** Messages of a service that are sent if, and only if, the transaction commits which changed the service's data. */
export interface Outbox {
  /**
   * Stores the message in the transaction that is open on the service's connection, or in one of its own if none is.
   * A relay publishes it after the commit (see `relayOutbox`); after a rollback there is nothing to publish.
   * Returns the message's id, which stays the same however often it is published.
   * @throws {TypeError | RangeError} if the body cannot be stored as it is, or an option is wrong
   */
  send(channel: string, body: unknown, options?: SendOptions): string
}

export interface OutboxOptions {
  /** Of this connection's commits. @default "full" */
  durability?: Durability
  /** @default 1_048_576 */
  bodyBytesMax?: number
  clock?: Clock
  random?: () => number
}

/** What a commit of the outbox signals to. Channels count from 1. */
export const outboxSignal = 0

/**
 * The transactional outbox (Richardson, "Microservices Patterns", 3.3.7): opens the outbox in the service's own database,
 * and makes its table the first time. No broker is needed there.
 *
 * The connection is set to WAL mode and to the durability asked for: what a relay has published must not vanish from
 * the service in a power cut.
 *
 * @example
 * const outbox = createOutbox(database)
 * database.transaction(() => {
 *   database.prepare("INSERT INTO orders (id, total) VALUES (?, ?)").run(1, 4_200)
 *   outbox.send("orders", { type: "OrderPlaced", id: 1, total: 4_200 }, { key: "1" })
 * })()
 *
 * @throws {BrokerError} codes `CANNOT_OPEN`, `READ_ONLY`, `NEWER_FILE`, `SECOND_DRIVER`
 */
export function createOutbox(database: Database, options: OutboxOptions = {}): Outbox {
  checkOptions("createOutbox", options, {
    durability: oneOf("full", "normal"),
    bodyBytesMax: integer(1),
    clock: anything,
    random: callable,
  })
  if (typeof database === "string") {
    throw new TypeError("createOutbox takes the service's open better-sqlite3 handle, whose transactions it joins: got a path.")
  }
  openDatabase(database, options.durability ?? "full")
  const store = new Store(database, { clock: options.clock ?? systemClock, random: options.random ?? Math.random, owned: false })
  migrate(store, "outbox", outboxVersions)
  return new TransactionalOutbox(store, options)
}

class TransactionalOutbox implements Outbox {
  readonly #store: Store
  readonly #ids: IdSource
  readonly #bodyBytesMax: number
  readonly #wake: Wake

  constructor(store: Store, options: OutboxOptions) {
    this.#store = store
    this.#ids = new IdSource(options.random)
    this.#bodyBytesMax = options.bodyBytesMax ?? bodyBytesMaxDefault
    this.#wake = new Wake(store)
  }

  send(channel: string, body: unknown, options?: SendOptions): string {
    channelName(channel, "A channel's name")
    checkSendOptions("send", options)
    const store = this.#store
    if (!store.database.open) {
      throw new BrokerError("DATABASE_CLOSED", `The service's database "${store.database.name}" is closed: nothing was sent.`)
    }

    const {
      message_id,
      key,
      headers,
      sent_at,
      body: stored,
    } = storedMessage(body, options, { store, ids: this.#ids, bodyBytesMax: this.#bodyBytesMax })
    const insert = () => {
      store
        .sql("INSERT INTO waystation_outbox (message_id, channel, key, headers, sent_at, delay_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)")
        .run(message_id, channel, key, headers, sent_at, Math.ceil(options?.delayMs ?? 0), stored)
      store.afterCommit(() => this.#wake.signal(outboxSignal))
    }
    // One statement is all or nothing: inside the caller's transaction it needs no savepoint.
    if (store.inTransaction) insert()
    else store.transaction(insert)
    return message_id
  }
}

/** A message as the outbox keeps it. Positions grow in the order of the commits, and a rollback leaves no hole. */
export interface OutboxRow {
  position: number
  message_id: string
  channel: string
  key: string | null
  headers: string | null
  sent_at: number
  delay_ms: number
  body: string | Uint8Array
}

/** A batch is held in memory twice, as rows and as messages. */
const batchBytesMax = 4_194_304

/** Rows after a position, in order: at most `rowsMax`, fewer if they are large; `more` tells whether a bound ended it. */
export function outboxRows(store: Store, after: number, rowsMax: number): { rows: OutboxRow[]; more: boolean } {
  const rows: OutboxRow[] = []
  let bytes = 0
  const select = store.sql<OutboxRow>(
    `SELECT position, message_id, channel, key, headers, sent_at, delay_ms, body FROM waystation_outbox
     WHERE position > ? ORDER BY position LIMIT ${boundInteger}`,
  )
  for (const row of select.iterate(after, rowsMax)) {
    rows.push(row)
    // In a damaged file anything may stand in a column; what is no message is found out when it is to be published.
    bytes += row.body?.length ?? 0
    if (bytes > batchBytesMax) break
  }
  return { rows, more: rows.length === rowsMax || bytes > batchBytesMax }
}

/**
 * The messages up to the first row that is none.
 * @throws {BrokerError} code `UNREADABLE_ROW` if that is the first of all
 */
export function outgoingMessages(rows: readonly OutboxRow[]): OutgoingMessage[] {
  const messages: OutgoingMessage[] = []
  for (const row of rows) {
    try {
      messages.push(outgoingMessage(row))
    } catch (cause) {
      if (messages.length > 0) break
      throw new BrokerError(
        "UNREADABLE_ROW",
        `Row ${row.position} of waystation_outbox is no message (${cause instanceof Error ? cause.message : cause}): mend it or delete it. What comes after it waits.`,
        { cause },
      )
    }
  }
  return messages
}

function outgoingMessage(row: OutboxRow): OutgoingMessage {
  const { message_id, channel, body } = row
  if (typeof message_id !== "string" || typeof channel !== "string") throw new TypeError("it lacks an id or a channel")
  if (typeof body !== "string" && !(body instanceof Uint8Array)) throw new TypeError("its body is neither text nor a blob")
  return {
    id: message_id,
    channel,
    body: decodeBody(body),
    ...(row.key === null ? {} : { key: row.key }),
    headers: decodeHeaders(row.headers),
    sentAt: row.sent_at,
    ...(row.delay_ms === 0 ? {} : { delayMs: row.delay_ms }),
  }
}

/** The ids of the rows from one position (not included) to another: what SQLite shows of them. */
export function outboxIds(store: Store, after: number, through: number): string[] {
  return store
    .sql<{ message_id: string }>("SELECT message_id FROM waystation_outbox WHERE position > ? AND position <= ? ORDER BY position")
    .all(after, through)
    .map((row) => row.message_id)
}

/** The position of the last row that waits, 0 if none does. */
export function lastOutboxPosition(store: Store): number {
  return store.sql<{ position: number | null }>("SELECT max(position) AS position FROM waystation_outbox").get()?.position ?? 0
}

/** The first row that waits after a position. */
export function nextInOutbox(store: Store, after: number): { position: number; sent_at: number } | undefined {
  return store
    .sql<{ position: number; sent_at: number }>(
      "SELECT position, sent_at FROM waystation_outbox WHERE position > ? ORDER BY position LIMIT 1",
    )
    .get(after)
}

/**
 * Published rows go, a batch at a time, in the transaction that records them as published. With all before them: a connection
 * that leaves WAL mode may write pages back that it read before others' last commits, and published rows with them.
 */
export function pruneOutbox(store: Store, through: number): void {
  store.sql("DELETE FROM waystation_outbox WHERE position <= ?").run(through)
}

/**
 * Brings an outbox that is there up to date.
 * @throws {BrokerError} codes `NO_OUTBOX`, `NEWER_FILE`
 */
export function assertOutbox(store: Store): void {
  const table = store.read(() => store.sql("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'waystation_outbox'").get())
  if (!table) {
    throw new BrokerError(
      "NO_OUTBOX",
      `${shown(store.database.name)} has no outbox: call createOutbox(database) in the service that sends.`,
    )
  }
  migrate(store, "outbox", outboxVersions)
}
