import { boundInteger, type Store } from "./storage/store.ts"

/**
 * The queues of a channel: the one of a point-to-point channel, one for each subscription of a topic, a requester's replies,
 * what a consumer group is to try again. What waits in them is in `deliveries.ts`.
 */
export interface QueueRow {
  id: number
  channel: number
  subscription: string
  ordered: number
}

export function declareQueue(store: Store, queue: { channel: number; subscription: string; ordered: boolean }): QueueRow {
  const { channel, subscription, ordered } = queue
  return (
    findQueue(store, channel, subscription) ??
    store.transaction(() => {
      store
        .sql("INSERT INTO waystation_queue (channel, subscription, ordered) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .run(channel, subscription, Number(ordered))
      return findQueue(store, channel, subscription) as QueueRow
    })
  )
}

export function findQueue(store: Store, channel: number, subscription: string): QueueRow | undefined {
  return store.read(() =>
    store
      .sql<QueueRow>("SELECT id, channel, subscription, ordered FROM waystation_queue WHERE channel = ? AND subscription = ?")
      .get(channel, subscription),
  )
}

export function queuesOf(store: Store, channel: number): QueueRow[] {
  return store
    .sql<QueueRow>(`SELECT id, channel, subscription, ordered FROM waystation_queue WHERE channel = ${boundInteger} ORDER BY subscription`)
    .all(channel)
}

/** Keeps a reply queue for its requester until `expiresAt`. */
export function keepQueueUntil(store: Store, queue: number, expiresAt: number): void {
  store.sql("UPDATE waystation_queue SET expires_at = ? WHERE id = ?").run(expiresAt, queue)
}

export function expiredQueues(store: Store, channel: number, now: number): number[] {
  const rows = store.sql<{ id: number }>("SELECT id FROM waystation_queue WHERE channel = ? AND expires_at <= ?").all(channel, now)
  return rows.map((row) => row.id)
}

export function removeQueueRow(store: Store, queue: number): void {
  store.sql("DELETE FROM waystation_queue WHERE id = ?").run(queue)
}
