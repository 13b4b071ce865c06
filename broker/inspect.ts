import { statSync } from "node:fs"
import { allChannels, type ChannelRow } from "./channel.ts"
import { Cursor, findCursor } from "./cursor.ts"
import { countDeadLetters } from "./dead-letters.ts"
import { countDeliveries, queuesOf } from "./deliveries.ts"
import { countMembers, type GroupRow, groupsOf, ownersOf } from "./group.ts"
import { partitionsOf } from "./log.ts"
import type { Store } from "./storage/store.ts"

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
  return {
    queues: [...allChannels(store, "queue"), ...allChannels(store, "request-reply")].flatMap((channel) =>
      queuesOf(store, channel.id)
        .filter((queue) => queue.subscription === "")
        .map((queue) => ({ name: channel.name, ...queueSnapshot(store, queue.id) })),
    ),
    topics: allChannels(store, "topic").map((channel) => ({
      name: channel.name,
      subscriptions: queuesOf(store, channel.id).map((queue) => ({ name: queue.subscription, ...queueSnapshot(store, queue.id) })),
    })),
    partitioned: allChannels(store, "partitioned").map((channel) => ({
      name: channel.name,
      partitions: channel.partitions,
      groups: groupsOf(store, channel.id).map((group) => groupSnapshot(store, channel, group)),
    })),
    ...fileSizes(store),
  }
}

function queueSnapshot(store: Store, queue: number): QueueSnapshot {
  const { oldestSentAt, ...counts } = countDeliveries(store, queue)
  return {
    ...counts,
    dead: countDeadLetters(store, queue),
    oldestAgeMs: oldestSentAt === null ? null : Math.max(0, store.now() - oldestSentAt),
  }
}

function groupSnapshot(store: Store, channel: ChannelRow, group: GroupRow): GroupSnapshot {
  const owners = ownersOf(store, group.id)
  const retries = queuesOf(store, channel.id).filter((queue) => queue.subscription.replace(/^\d+\//, "") === group.name)
  let lag = retries
    .map((queue) => countDeliveries(store, queue.id))
    .reduce((sum, { ready, delayed, inFlight }) => sum + ready + delayed + inFlight, 0)
  const partitions = partitionsOf(store, channel.id).map(({ id, number, start_offset, end_offset }) => {
    const cursor = new Cursor(findCursor(store, group.id, id))
    cursor.advance(start_offset)
    lag += end_offset - cursor.committed - [...cursor.ahead].filter((letter) => letter === "d").length
    const owner = owners.get(id)
    return { partition: number, committed: cursor.committed, end: end_offset, owner: owner === undefined ? null : String(owner) }
  })
  const dead = retries.reduce((sum, queue) => sum + countDeadLetters(store, queue.id), 0)
  return { name: group.name, members: countMembers(store, group.id), generation: group.generation, lag, dead, partitions }
}

function fileSizes({ database }: Store): { fileBytes: number; walBytes: number } {
  const pages = Number(database.pragma("page_count", { simple: true }))
  const pageBytes = Number(database.pragma("page_size", { simple: true }))
  // stat opens nothing; opening the file here would drop SQLite's locks on it.
  const wal = database.memory ? undefined : statSync(`${database.name}-wal`, { throwIfNoEntry: false })
  return { fileBytes: pages * pageBytes, walBytes: wal?.size ?? 0 }
}
