import type { BrokerContext } from "./context.ts"
import { Cursor, fenceCursor, findCursor, saveCursor } from "./cursor.ts"
import { bury } from "./dead-letters.ts"
import { insertDeliveries, returnAllLeased } from "./deliveries.ts"
import { type GroupRow, rebalance } from "./group.ts"
import { type LogRow, type PartitionRow, partitionsOf, readLog } from "./log.ts"
import { declareQueue, findQueue, type QueueRow } from "./queue-row.ts"
import type { Store } from "./storage/store.ts"

/**
 * What fails in a partition leaves the log's path: it moves, with its payload, to an ordered queue of the group and the
 * partition, and the messages of its key that come after it follow it there. So a failing key holds back itself and no
 * other, and keeps its order through every retry.
 */

/** The number leads, so that no group's name can be taken for another's. */
function retryQueueName(partition: number, group: string): string {
  return `${partition}/${group}`
}

export function retryQueue(store: Store, group: GroupRow, partition: number): QueueRow {
  return declareQueue(store, { channel: group.channel, subscription: retryQueueName(partition, group.name), ordered: true })
}

export function findRetryQueue(store: Store, group: GroupRow, partition: number): QueueRow | undefined {
  return findQueue(store, group.channel, retryQueueName(partition, group.name))
}

/** The retry queues that a group has come to need. */
export function retryQueuesOf(store: Store, group: GroupRow): (QueueRow & { partition: number })[] {
  return partitionsOf(store, group.channel).flatMap(({ number }) => {
    const queue = findRetryQueue(store, group, number)
    return queue ? [{ ...queue, partition: number }] : []
  })
}

/** Moves a message of the log to the group's retry queue. */
export function setAside(
  store: Store,
  group: GroupRow,
  partition: number,
  row: LogRow,
  { attempt, visibleAt }: { attempt: number; visibleAt: number },
): void {
  insertDeliveries(store, [retryQueue(store, group, partition)], row, { attempt, visibleAt, position: row.position })
}

export function buryLogged(store: Store, group: GroupRow, partition: number, row: LogRow, attempt: number, reason: string): void {
  bury(store, { ...row, attempt, queue: retryQueue(store, group, partition).id }, reason)
}

/** Shares the group's partitions anew, as far as that is needed. */
export function rebalanceGroup(context: BrokerContext, channel: string, group: GroupRow): void {
  const { store, wake, events } = context
  const partitions = new Map(partitionsOf(store, group.channel).map((partition) => [partition.id, partition]))
  const generation = rebalance(store, group.id, (id, next) => handOver(context, group, partitions.get(id) as PartitionRow, next))
  if (generation === undefined) return
  store.afterCommit(() => {
    wake.signal(group.channel)
    events.tell("rebalanced", () => ({ channel, group: group.name, generation, time: store.now() }))
  })
}

/**
 * The partition has a new owner: the old one's commits are refused from now on, and its leases of retries have ended. What
 * it had started and not settled was an attempt, and is tried again before anything that follows it in its key.
 */
function handOver(context: BrokerContext, group: GroupRow, partition: PartitionRow, generation: number): void {
  const { store } = context
  fenceCursor(store, group.id, partition.id, generation)
  const retries = findRetryQueue(store, group, partition.number)
  if (retries) returnAllLeased(store, retries.id)
  const cursor = new Cursor(findCursor(store, group.id, partition.id))
  for (const position of cursor.started) {
    const row = readLog(store, partition.id, position)
    if (row) setAside(store, group, partition.number, row, { attempt: 1, visibleAt: store.now() })
    cursor.mark(position, "d")
  }
  if (cursor.changed) saveCursor(store, group.id, partition.id, cursor)
}
