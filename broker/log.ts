import type { StoredMessage } from "./message.ts"
import { partitionOf } from "./partition.ts"
import { boundInteger, insertOf, type Store } from "./storage/store.ts"

/**
 * The append-only log under a partitioned channel: in each partition messages stand one after another, from offset 0,
 * and stay there until retention takes the oldest away, whoever has read them. To be called inside a transaction.
 */

export interface PartitionRow {
  id: number
  number: number
  start_offset: number
  end_offset: number
}

export interface LogRow extends StoredMessage {
  key: string
  position: number
}

/** How much of the log is kept. Without it: everything. */
export interface Retention {
  /** Messages older than this go. */
  ageMs?: number
  /** The channel keeps so many messages, all partitions together. */
  messagesMax?: number
}

/** One message in takes at most so many old ones out: the log shrinks to its bounds without a long transaction. */
const prunedPerMessage = 4

export function declarePartitions(store: Store, channel: number, partitions: number): void {
  const insert = store.sql("INSERT INTO waystation_partition (channel, number) VALUES (?, ?) ON CONFLICT DO NOTHING")
  for (let number = 0; number < partitions; number++) insert.run(channel, number)
}

export function partitionsOf(store: Store, channel: number): PartitionRow[] {
  return store
    .sql<PartitionRow>(
      `SELECT id, number, start_offset, end_offset FROM waystation_partition_range WHERE channel = ${boundInteger} ORDER BY number`,
    )
    .all(channel)
}

/** Where a message came to stand in the log. */
export interface LogPlace {
  /** The partition's id in the file, and its number in the channel. */
  partition: number
  number: number
  position: number
}

const insertLogRow = insertOf("INSERT INTO waystation_log (partition, position, message_id, key, headers, sent_at, body)")

/** The write lock is held, so an offset is given once, and nobody reads it before it is committed: no gaps, no gap bug. */
export function appendToLog(store: Store, channel: { id: number; partitions: number }, messages: readonly StoredMessage[]): LogPlace[] {
  const ends = new Map<number, { id: number; end_offset: number }>()
  const places = messages.map((message) => {
    const number = partitionOf(message.key as string, channel.partitions)
    const end = ends.get(number) ?? endOf(store, channel.id, number)
    ends.set(number, end)
    return { partition: end.id, number, position: end.end_offset++ }
  })
  const values = messages.flatMap(({ message_id, key, headers, sent_at, body }, index) => {
    const { partition, position } = places[index] as LogPlace
    return [partition, position, message_id, key, headers, sent_at, body]
  })
  store.insertRows(insertLogRow, values)
  return places
}

function endOf(store: Store, channel: number, number: number): { id: number; end_offset: number } {
  return store
    .sql<{ id: number; end_offset: number }>("SELECT id, end_offset FROM waystation_partition_range WHERE channel = ? AND number = ?")
    .get(channel, number) as { id: number; end_offset: number }
}

export function isInLog(store: Store, partition: number, position: number, messageId: string): boolean {
  const row = store
    .sql<{ message_id: string }>("SELECT message_id FROM waystation_log WHERE partition = ? AND position = ?")
    .get(partition, position)
  return row?.message_id === messageId
}

export function hasMessageFrom(store: Store, partition: number, position: number): boolean {
  const first = store.sql(
    `SELECT 1 FROM waystation_log WHERE partition = ${boundInteger} AND position >= ${boundInteger} ORDER BY position LIMIT 1`,
  )
  return first.get(partition, position) !== undefined
}

/** Positions and keys alone: a body is read when its handler starts, however far ahead a reader looks. */
export function keysFrom(store: Store, partition: number, position: number, limit: number): { position: number; key: string }[] {
  return store
    .sql<{ position: number; key: string }>(
      `SELECT position, key FROM waystation_log WHERE partition = ${boundInteger} AND position >= ${boundInteger}
       ORDER BY position LIMIT ${boundInteger}`,
    )
    .all(partition, position, limit)
}

/** The messages at these positions, in order: one statement, whatever their number. */
export function readLogAt(store: Store, partition: number, positions: readonly number[]): LogRow[] {
  return store
    .sql<LogRow>(
      `SELECT position, message_id, key, headers, sent_at, body FROM waystation_log
       WHERE partition = ${boundInteger} AND position IN (SELECT value FROM json_each(?)) ORDER BY position`,
    )
    .all(partition, JSON.stringify(positions))
}

export function readLogFrom(store: Store, partition: number, position: number, limit: number): LogRow[] {
  return store
    .sql<LogRow>(
      `SELECT position, message_id, key, headers, sent_at, body FROM waystation_log
       WHERE partition = ${boundInteger} AND position >= ${boundInteger} ORDER BY position LIMIT ${boundInteger}`,
    )
    .all(partition, position, limit)
}

export function readLog(store: Store, partition: number, position: number): LogRow | undefined {
  return store
    .sql<LogRow>("SELECT position, message_id, key, headers, sent_at, body FROM waystation_log WHERE partition = ? AND position = ?")
    .get(partition, position)
}

/** The first offset of a message sent at that time or later; the partition's end if there is none. */
export function offsetAt(store: Store, partition: PartitionRow, sentAt: number): number {
  const row = store
    .sql<{ position: number }>(
      `SELECT position FROM waystation_log WHERE partition = ${boundInteger} AND sent_at >= ? ORDER BY position LIMIT 1`,
    )
    .get(partition.id, sentAt)
  return row?.position ?? partition.end_offset
}

/** Takes the oldest messages beyond the bounds out, a few for each that came in. */
export function prune(store: Store, channel: number, retention: Retention, cameIn: number): void {
  for (let step = 0; step < prunedPerMessage * cameIn; step++) {
    const oldest = store
      .sql<{ id: number; position: number; sent_at: number; kept: number }>(
        `SELECT p.id, l.position, l.sent_at, (SELECT sum(end_offset - start_offset) FROM waystation_partition_range WHERE channel = @channel) AS kept
         FROM waystation_partition p JOIN waystation_log l ON l.partition = p.id AND l.position = p.start_offset
         WHERE p.channel = @channel ORDER BY l.rowid LIMIT 1`,
      )
      .get({ channel })
    if (!oldest) return
    const tooOld = retention.ageMs !== undefined && oldest.sent_at < store.now() - retention.ageMs
    const tooMany = retention.messagesMax !== undefined && oldest.kept > retention.messagesMax
    if (!tooOld && !tooMany) return
    store.sql("DELETE FROM waystation_log WHERE partition = ? AND position = ?").run(oldest.id, oldest.position)
    store.sql("UPDATE waystation_partition SET start_offset = start_offset + 1 WHERE id = ?").run(oldest.id)
  }
}
