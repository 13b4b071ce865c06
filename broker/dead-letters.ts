import type { BrokerContext } from "./context.ts"
import { insertDeliveries } from "./deliveries.ts"
import { decodeBody, decodeHeaders, type Message, type StoredMessage } from "./message.ts"
import { checkOptions, integer, shown } from "./options.ts"
import type { QueueRow } from "./queue-row.ts"
import { boundInteger, type Store } from "./storage/store.ts"

export type DeadLetter<Body> = Message<Body> & {
  /** What the last attempt failed of. */
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly failedAt: number
}

/**
 * The messages that were given up: kept, looked at, sent again. Those of a queue, of a topic's subscription, or of a
 * partitioned channel's group.
 *
 * @see Hohpe and Woolf, "Dead Letter Channel"
 */
export interface DeadLetters<Body> {
  /** Oldest first, 100 unless `limit` says otherwise. */
  list(options?: { limit?: number }): DeadLetter<Body>[]
  /** Sends them again, to this queue alone and counted from attempt 1; all of them without `ids`. Returns how many. */
  redrive(ids?: string[]): number
  /** Removes them for good; all of them without `ids`. Returns how many. */
  discard(ids?: string[]): number
}

interface DeadLetterRow extends StoredMessage {
  id: number
  queue: number
  position: number | null
  attempt: number
  reason: string
  failed_at: number
}

const reasonLengthMax = 1_000

/** To be called in the transaction that takes the delivery away. */
export function bury(store: Store, row: StoredMessage & { queue: number; position: number | null; attempt: number }, reason: string): void {
  const { queue, message_id, key, headers, sent_at, position, body, attempt } = row
  store
    .sql(
      `INSERT INTO waystation_dead_letter (queue, message_id, key, headers, sent_at, position, body, attempt, reason, failed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(queue, message_id, key, headers, sent_at, position, body, attempt, reason.slice(0, reasonLengthMax).toWellFormed(), store.now())
}

export function countDeadLetters(store: Store, queue: number): number {
  return store.sql<{ n: number }>("SELECT count(*) AS n FROM waystation_dead_letter WHERE queue = ?").get(queue)?.n ?? 0
}

export function deleteDeadLetters(store: Store, queue: number): void {
  store.sql("DELETE FROM waystation_dead_letter WHERE queue = ?").run(queue)
}

/** The dead letters of the queues that `queues` names at each call: one, or a group's one for each partition. */
export class StoredDeadLetters<Body> implements DeadLetters<Body> {
  readonly #context: BrokerContext
  readonly #channel: () => { id: number; name: string }
  readonly #queues: () => (QueueRow & { partition?: number })[]

  constructor(context: BrokerContext, channel: () => { id: number; name: string }, queues: () => (QueueRow & { partition?: number })[]) {
    this.#context = context
    this.#channel = channel
    this.#queues = queues
  }

  list(options: { limit?: number } = {}): DeadLetter<Body>[] {
    this.#context.assertOpen()
    checkOptions("list()", options, { limit: integer(1) })
    const { store } = this.#context
    const queues = this.#queues()
    const rows = store.read(() =>
      store
        .sql<DeadLetterRow>(
          `SELECT * FROM waystation_dead_letter WHERE queue IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ${boundInteger}`,
        )
        .all(JSON.stringify(queues.map((queue) => queue.id)), options.limit ?? 100),
    )
    const partitions = new Map(queues.map((queue) => [queue.id, queue.partition]))
    return rows.map((row) => this.#deadLetter(row, partitions.get(row.queue)))
  }

  redrive(ids?: string[]): number {
    return this.#takeOut("redrive()", ids, (row, queue) => {
      const { store } = this.#context
      insertDeliveries(store, [queue], row, { visibleAt: store.now(), position: row.position })
    })
  }

  discard(ids?: string[]): number {
    return this.#takeOut("discard()", ids, () => {})
  }

  #deadLetter(row: DeadLetterRow, partition: number | undefined): DeadLetter<Body> {
    return {
      id: row.message_id,
      channel: this.#channel().name,
      body: decodeBody(row.body) as Body,
      ...(row.key === null ? {} : { key: row.key }),
      headers: decodeHeaders(row.headers),
      sentAt: row.sent_at,
      attempt: row.attempt,
      ...(partition === undefined ? {} : { partition }),
      ...(row.position === null ? {} : { offset: row.position }),
      reason: row.reason,
      failedAt: row.failed_at,
    }
  }

  #takeOut(where: string, ids: string[] | undefined, use: (row: DeadLetterRow, queue: QueueRow) => void): number {
    this.#context.assertOpen()
    if (ids !== undefined && !(Array.isArray(ids) && ids.every((id) => typeof id === "string"))) {
      throw new TypeError(`The ids of ${where} must be an array of strings, the ids of messages, or left out for all: got ${shown(ids)}.`)
    }
    const { store, wake } = this.#context
    return store.transaction(() => {
      let taken = 0
      for (const queue of this.#queues()) {
        for (const row of this.#rows(queue.id, ids)) {
          use(row, queue)
          store.sql("DELETE FROM waystation_dead_letter WHERE id = ?").run(row.id)
          taken++
        }
      }
      store.afterCommit(() => wake.signal(this.#channel().id))
      return taken
    })
  }

  #rows(queue: number, ids: string[] | undefined): DeadLetterRow[] {
    const { store } = this.#context
    if (!ids) return store.sql<DeadLetterRow>("SELECT * FROM waystation_dead_letter WHERE queue = ? ORDER BY id").all(queue)
    return store
      .sql<DeadLetterRow>(
        "SELECT * FROM waystation_dead_letter WHERE queue = ? AND message_id IN (SELECT value FROM json_each(?)) ORDER BY id",
      )
      .all(queue, JSON.stringify(ids))
  }
}
