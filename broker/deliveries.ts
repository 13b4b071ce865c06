import type { StoredMessage } from "./message.ts"
import { type QueueRow, removeQueueRow } from "./queue-row.ts"
import { boundInteger, insertOf, type Store, type Value } from "./storage/store.ts"

/**
 * Messages with a state of their own, the family of RabbitMQ and SQS. A message is stored once; each queue that it went
 * to (a point-to-point queue, or a subscription of a topic) holds a delivery of it, which is due from `visible_at` on.
 * A lease is nothing but a `visible_at` in the future with a token: when it ends, the delivery is due again, and nobody
 * has to notice that its consumer died.
 *
 * In an ordered queue only the oldest delivery of each key, its head, is due; the others are held, out of the claims'
 * way, so that one blocked key costs the others nothing. Whoever takes a head away promotes the next.
 *
 * All of it is to be called inside a transaction.
 */

/** A delivery that was claimed, with its message. Settling names every part of the lease. */
export interface LeasedRow extends StoredMessage {
  queue: number
  visible_at: number
  message: number
  token: number
  attempt: number
  order_key: string | null
  position: number | null
}

export type LeaseKey = Pick<LeasedRow, "queue" | "visible_at" | "message" | "token" | "attempt">

/** Added to a held delivery's `visible_at`: some 30,000 years. What remains is when it may be delivered once it is the head. */
export const heldMs = 1e15
const tokenMax = 2 ** 52

/** Removes a queue with what waits in it. Dead letters go with it: nobody could name them any more. */
export function deleteQueue(store: Store, queue: number): void {
  clearQueue(store, queue)
  removeQueueRow(store, queue)
}

export function clearQueue(store: Store, queue: number): void {
  const messages = store.sql<{ message: number }>("SELECT message FROM waystation_delivery WHERE queue = ?").all(queue)
  store.sql("DELETE FROM waystation_delivery WHERE queue = ?").run(queue)
  for (const { message } of messages) releaseMessage(store, message)
}

/** Stores one message for every one of the queues. With no queue there is nobody to store it for. */
export function insertDeliveries(
  store: Store,
  queues: readonly QueueRow[],
  message: StoredMessage,
  { visibleAt, attempt = 0, position = null }: { visibleAt: number; attempt?: number; position?: number | null },
): number {
  if (queues.length === 0) return 0
  const { message_id, key, headers, sent_at, body } = message
  const id = Number(
    store
      .sql("INSERT INTO waystation_message (copies, message_id, key, headers, sent_at, position, body) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(queues.length, message_id, key, headers, sent_at, position, body).lastInsertRowid,
  )
  const insert = store.sql("INSERT INTO waystation_delivery (queue, visible_at, message, attempt, key) VALUES (?, ?, ?, ?, ?)")
  for (const queue of queues) {
    const orderKey = queue.ordered ? key : null
    const held = orderKey !== null && hasKey(store, queue.id, orderKey)
    insert.run(queue.id, Math.ceil(visibleAt) + (held ? heldMs : 0), id, attempt, orderKey)
  }
  return id
}

const insertMessage = insertOf("INSERT INTO waystation_message (copies, message_id, key, headers, sent_at, body)")
// The ids of one statement and of those that follow it have no gaps: nobody else can write in between.
const insertDue = `
  INSERT INTO waystation_delivery (queue, visible_at, message, attempt)
  SELECT queue.value, ?, message.id, 0 FROM json_each(?) queue CROSS JOIN waystation_message message
  WHERE message.id BETWEEN ${boundInteger} AND ${boundInteger}`

/**
 * Stores several messages, each for every one of the queues, none of them ordered: one statement for the deliveries of all
 * that are due at the same time. Returns the first one's id, or 0 if there is no queue.
 */
export function insertMessages(
  store: Store,
  queues: readonly QueueRow[],
  messages: readonly { stored: StoredMessage; visibleAt: number }[],
): number {
  if (queues.length === 0 || messages.length === 0) return 0
  const values: Value[] = []
  for (const { stored } of messages) {
    values.push(queues.length, stored.message_id, stored.key, stored.headers, stored.sent_at, stored.body)
  }
  const first = store.insertRows(insertMessage, values) - messages.length + 1
  const queueIds = JSON.stringify(queues.map((queue) => queue.id))
  let start = 0
  for (let end = 1; end <= messages.length; end++) {
    const visibleAt = messages[start]?.visibleAt as number
    if (messages[end]?.visibleAt === visibleAt) continue
    store.sql(insertDue).run(Math.ceil(visibleAt), queueIds, first + start, first + end - 1)
    start = end
  }
  return first
}

/** Whether an ordered queue holds a delivery of this key, due or not. */
export function hasKey(store: Store, queue: number, key: string): boolean {
  return store.sql("SELECT 1 FROM waystation_delivery WHERE queue = ? AND key = ? LIMIT 1").get(queue, key) !== undefined
}

export function messageExists(store: Store, id: number, messageId: string): boolean {
  return store.sql("SELECT 1 FROM waystation_message WHERE id = ? AND message_id = ?").get(id, messageId) !== undefined
}

/** Leases up to `max` due deliveries until `until`, oldest first, and counts the attempt, all before a handler sees one. */
export function claimDue(store: Store, queue: QueueRow, { max, until }: { max: number; until: number }): LeasedRow[] {
  const rows = store.sql<DueRow>(selectFirstDue).all(queue.id, store.now(), max)
  const last = rows.at(-1)
  if (!last) return []
  const token = newToken(store)
  // What was read is the front of the index, so one statement leases all of it: half the time of one for each row.
  store.sql(updateFirst).run(until, token, queue.id, last.visible_at, last.message)
  return rows.map((row) => leased(row, queue, until, token))
}

/** The same for an ordered queue of which some keys are in progress elsewhere: their deliveries stay where they are. */
export function claimDueExcept(
  store: Store,
  queue: QueueRow,
  { max, until, busyKeys }: { max: number; until: number; busyKeys: readonly string[] },
): LeasedRow[] {
  const rows = store.sql<DueRow>(selectFirstDueExcept).all(queue.id, store.now(), JSON.stringify(busyKeys), max)
  const token = newToken(store)
  const update = store.sql(
    `UPDATE waystation_delivery SET visible_at = ?, attempt = attempt + 1, token = ? WHERE queue = ? AND visible_at = ? AND message = ?`,
  )
  return rows.map((row) => {
    update.run(until, token, queue.id, row.visible_at, row.message)
    return leased(row, queue, until, token)
  })
}

/** What is read of a delivery in order to lease it: each column costs as much as finding the row. */
type DueRow = Omit<LeasedRow, "queue" | "token" | "order_key">

const selectDue = `
  SELECT d.visible_at, d.message, d.attempt, m.message_id, m.key, m.headers, m.sent_at, m.position, m.body
  FROM waystation_delivery d JOIN waystation_message m ON m.id = d.message
  WHERE d.queue = ${boundInteger} AND d.visible_at <= ${boundInteger}`
const inOrder = `ORDER BY d.visible_at, d.message LIMIT ${boundInteger}`
const selectFirstDue = `${selectDue} ${inOrder}`
const selectFirstDueExcept = `${selectDue} AND (d.key IS NULL OR d.key NOT IN (SELECT value FROM json_each(?))) ${inOrder}`
const updateFirst = `
  UPDATE waystation_delivery SET visible_at = ?, attempt = attempt + 1, token = ?
  WHERE queue = ${boundInteger} AND (visible_at, message) <= (${boundInteger}, ${boundInteger})`

function newToken(store: Store): number {
  return Math.floor(store.random() * tokenMax)
}

/** The row as it stands now that it is leased. */
function leased(due: DueRow, queue: QueueRow, until: number, token: number): LeasedRow {
  const row = due as LeasedRow
  row.visible_at = until
  row.attempt++
  row.queue = queue.id
  row.token = token
  row.order_key = queue.ordered ? row.key : null
  return row
}

const selectNextDue = `SELECT visible_at FROM waystation_delivery WHERE queue = ${boundInteger} ORDER BY visible_at LIMIT 1`

/** When the next delivery of the queue is due, leases' ends included; `undefined` if there is none to wait for. */
export function nextDueAt(store: Store, queue: number): number | undefined {
  const row = store.sql<{ visible_at: number }>(selectNextDue).get(queue)
  return row === undefined || row.visible_at >= heldMs ? undefined : row.visible_at
}

// Each of the following returns false, and changes nothing, if the lease is no longer held: it ended by the clock, or
// another consumer's token is on the delivery, or the delivery is gone.

/** Takes the delivery away; `releaseMessage` is left to a caller that still needs the message's columns. */
export function removeLeased(store: Store, lease: LeasedRow): boolean {
  const { changes } = store
    .sql(
      "DELETE FROM waystation_delivery WHERE queue = ? AND visible_at = ? AND message = ? AND token = ? AND attempt = ? AND visible_at > ?",
    )
    .run(lease.queue, lease.visible_at, lease.message, lease.token, lease.attempt, store.now())
  if (changes === 0) return false
  if (lease.order_key !== null) promoteNext(store, lease.queue, lease.order_key)
  releaseMessage(store, lease.message)
  return true
}

const leasedTogether = `queue = ${boundInteger} AND visible_at = ${boundInteger} AND message BETWEEN ${boundInteger} AND ${boundInteger} AND token = ? AND attempt = ?`
const messagesTogether = `id IN (SELECT message FROM waystation_delivery WHERE ${leasedTogether})`

/**
 * The same for several leases of one claim, in three statements whatever their number: half the time of settling one by one.
 * `false`, and nothing changed, if what stands under the claim's token between the first and the last is not exactly these.
 */
export function removeLeasedTogether(store: Store, leases: readonly LeasedRow[]): boolean {
  const { queue, visible_at, token, attempt } = leases[0] as LeasedRow
  const messages = leases.map((lease) => lease.message)
  const these = [queue, visible_at, Math.min(...messages), Math.max(...messages), token, attempt]
  const held = store
    .sql<{ count: number; sum: number }>(`SELECT count(*) AS count, sum(message) AS sum FROM waystation_delivery WHERE ${leasedTogether}`)
    .get(...these)
  // As many, and the same: one of these that was lost is not made up for by another that is still being handled.
  if (held?.count !== leases.length || held.sum !== messages.reduce((sum, id) => sum + id)) return false
  if (visible_at <= store.now()) return false
  const { changes } = store.sql(`DELETE FROM waystation_message WHERE copies = 1 AND ${messagesTogether}`).run(...these)
  if (changes < leases.length) store.sql(`UPDATE waystation_message SET copies = copies - 1 WHERE ${messagesTogether}`).run(...these)
  store.sql(`DELETE FROM waystation_delivery WHERE ${leasedTogether}`).run(...these)
  return true
}

/** Gives the delivery back, due at `visibleAt`. In an ordered queue it stays its key's head: nothing overtakes it. */
export function returnLeased(store: Store, lease: LeaseKey, visibleAt: number): boolean {
  return moveLease(store, lease, Math.ceil(visibleAt), null)
}

export function extendLeased(store: Store, lease: LeaseKey, until: number): boolean {
  return moveLease(store, lease, Math.ceil(until), lease.token)
}

export function isLeased(store: Store, lease: LeaseKey): boolean {
  const held = store.sql(
    "SELECT 1 FROM waystation_delivery WHERE queue = ? AND visible_at = ? AND message = ? AND token = ? AND attempt = ?",
  )
  return held.get(lease.queue, lease.visible_at, lease.message, lease.token, lease.attempt) !== undefined
}

function moveLease(store: Store, lease: LeaseKey, visibleAt: number, token: number | null): boolean {
  const { changes } = store
    .sql(
      `UPDATE waystation_delivery SET visible_at = ?, token = ?
       WHERE queue = ? AND visible_at = ? AND message = ? AND token = ? AND attempt = ? AND visible_at > ?`,
    )
    .run(visibleAt, token, lease.queue, lease.visible_at, lease.message, lease.token, lease.attempt, store.now())
  return changes === 1
}

/** Whether anybody holds a lease on a delivery of the queue. */
export function hasLeases(store: Store, queue: number): boolean {
  const lease = store.sql("SELECT 1 FROM waystation_delivery WHERE queue = ? AND token IS NOT NULL AND visible_at > ? LIMIT 1")
  return lease.get(queue, store.now()) !== undefined
}

/** Ends every lease in the queue at once: its deliveries are due now. For a group whose member is known to be gone. */
export function returnAllLeased(store: Store, queue: number): void {
  store.sql("UPDATE waystation_delivery SET visible_at = ?, token = NULL WHERE queue = ? AND token IS NOT NULL").run(store.now(), queue)
}

const updateNextOfKey = `
  UPDATE waystation_delivery SET visible_at = visible_at - ${heldMs}
  WHERE (queue, visible_at, message) =
    (SELECT queue, visible_at, message FROM waystation_delivery WHERE queue = ${boundInteger} AND key = CAST(? AS TEXT) ORDER BY message LIMIT 1)
  AND visible_at >= ${heldMs}`

function promoteNext(store: Store, queue: number, key: string): void {
  store.sql(updateNextOfKey).run(queue, key)
}

function releaseMessage(store: Store, message: number): void {
  const { changes } = store.sql("DELETE FROM waystation_message WHERE id = ? AND copies = 1").run(message)
  if (changes === 0) store.sql("UPDATE waystation_message SET copies = copies - 1 WHERE id = ?").run(message)
}

export interface DeliveryCounts {
  /** Due now; in an ordered queue also those that wait for their key's head. */
  ready: number
  delayed: number
  inFlight: number
}

export function countDeliveries(store: Store, queue: number): DeliveryCounts {
  return store
    .sql<DeliveryCounts>(
      `SELECT count(*) FILTER (WHERE due <= @now) AS ready,
              count(*) FILTER (WHERE due > @now AND token IS NULL) AS delayed,
              count(*) FILTER (WHERE due > @now AND token IS NOT NULL) AS inFlight
       FROM (SELECT token, CASE WHEN visible_at >= ${heldMs} THEN visible_at - ${heldMs} ELSE visible_at END AS due
             FROM waystation_delivery WHERE queue = @queue)`,
    )
    .get({ now: store.now(), queue }) as DeliveryCounts
}

/** The message that has waited longest: when it was sent and, in a group's retry queue, its offset. */
export function oldestMessage(store: Store, queue: number): { sent_at: number; position: number | null } | undefined {
  return store
    .sql<{ sent_at: number; position: number | null }>(
      `SELECT sent_at, position FROM waystation_message
       WHERE id = (SELECT min(message) FROM waystation_delivery WHERE queue = ?)`,
    )
    .get(queue)
}
