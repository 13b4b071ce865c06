import { statSync } from "node:fs"
import { allChannels, type ChannelRow } from "./channel.ts"
import { Cursor, findCursor } from "./cursor.ts"
import { countDeadLetters } from "./dead-letters.ts"
import { countDeliveries, oldestMessage } from "./deliveries.ts"
import { countMembers, type GroupRow, groupsOf, ownersOf } from "./group.ts"
import { findRetryQueue } from "./group-retry.ts"
import { type PartitionRow, partitionsOf } from "./log.ts"
import { queuesOf } from "./queue-row.ts"
import type { Store } from "./storage/store.ts"
import type { ChannelKind } from "./uses.ts"

export interface QueueSnapshot {
  /** Due now, or waiting for the message of its key before it. */
  ready: number
  delayed: number
  /** Leased to a consumer. */
  inFlight: number
  dead: number
  /** How long ago the oldest message that is not settled was sent; null if there is none. */
  oldestAgeMs: number | null
}

export interface GroupSnapshot {
  name: string
  members: number
  generation: number
  /** Messages not settled yet, those to be retried included. */
  lag: number
  dead: number
  partitions: { partition: number; committed: number; end: number; owner: string | null }[]
}

/** The broker's state at one moment, as plain JSON. */
export interface BrokerSnapshot {
  queues: (QueueSnapshot & { name: string })[]
  topics: { name: string; subscriptions: (QueueSnapshot & { name: string })[] }[]
  partitioned: { name: string; partitions: number; groups: GroupSnapshot[] }[]
  fileBytes: number
  walBytes: number
}

/** To be called inside a transaction: what it counts belongs together. */
export function snapshot(store: Store): BrokerSnapshot {
  const channels = allChannels(store)
  const of = (kind: ChannelKind) => channels.filter((channel) => channel.kind === kind)
  return {
    queues: [...of("queue"), ...of("request-reply")].flatMap((channel) =>
      queuesOf(store, channel.id)
        .filter((queue) => queue.subscription === "")
        .map((queue) => ({ name: channel.name, ...queueSnapshot(store, queue.id) })),
    ),
    topics: of("topic").map((channel) => ({
      name: channel.name,
      subscriptions: queuesOf(store, channel.id).map((queue) => ({ name: queue.subscription, ...queueSnapshot(store, queue.id) })),
    })),
    partitioned: of("partitioned").map((channel) => ({
      name: channel.name,
      partitions: channel.partitions,
      groups: groupsOf(store, channel.id).map((group) => groupSnapshot(store, channel, group)),
    })),
    ...fileSizes(store),
  }
}

function queueSnapshot(store: Store, queue: number): QueueSnapshot {
  const oldest = oldestMessage(store, queue)
  return {
    ...countDeliveries(store, queue),
    dead: countDeadLetters(store, queue),
    oldestAgeMs: oldest ? Math.max(0, store.now() - oldest.sent_at) : null,
  }
}

function groupSnapshot(store: Store, channel: ChannelRow, group: GroupRow): GroupSnapshot {
  const owners = ownersOf(store, group.id)
  const partitions = partitionsOf(store, channel.id).map((partition) => partitionSnapshot(store, group, partition, owners))
  return {
    name: group.name,
    members: countMembers(store, group.id),
    generation: group.generation,
    lag: partitions.reduce((sum, { unsettled }) => sum + unsettled, 0),
    dead: partitions.reduce((sum, { dead }) => sum + dead, 0),
    partitions: partitions.map(({ unsettled: _unsettled, dead: _dead, ...shown }) => shown),
  }
}

function partitionSnapshot(store: Store, group: GroupRow, row: PartitionRow, owners: ReadonlyMap<number, number>) {
  const cursor = new Cursor(findCursor(store, group.id, row.id))
  cursor.advance(row.start_offset)
  const retries = findRetryQueue(store, group, row.number)
  const waiting = retries ? countDeliveries(store, retries.id) : { ready: 0, delayed: 0, inFlight: 0 }
  const oldest = retries && oldestMessage(store, retries.id)
  return {
    partition: row.number,
    // A message set aside is not settled: for those who look, the group's place is before it.
    committed: Math.min(cursor.committed, oldest?.position ?? cursor.committed),
    end: row.end_offset,
    owner: owners.has(row.id) ? String(owners.get(row.id)) : null,
    unsettled: row.end_offset - cursor.committed - cursor.done + waiting.ready + waiting.delayed + waiting.inFlight,
    dead: retries ? countDeadLetters(store, retries.id) : 0,
  }
}

function fileSizes(store: Store): { fileBytes: number; walBytes: number } {
  const { database } = store
  const pages = store.sql<{ page_count: number }>("PRAGMA page_count").get()?.page_count ?? 0
  const pageBytes = store.sql<{ page_size: number }>("PRAGMA page_size").get()?.page_size ?? 0
  // stat opens nothing; opening the file here would drop SQLite's locks on it.
  const wal = database.memory ? undefined : statSync(`${database.name}-wal`, { throwIfNoEntry: false })
  return { fileBytes: pages * pageBytes, walBytes: wal?.size ?? 0 }
}
