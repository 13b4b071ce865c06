import { boundInteger, type Store } from "./storage/store.ts"

/** Each id that is remembered takes two forgotten ones out: the table shrinks to its window by itself. */
const forgottenPerId = 2

/**
 * Whether the channel took a message of this id within the window. If not, the id is remembered from now on, in the
 * transaction that stores the message.
 */
export function isDuplicate(store: Store, channel: number, messageId: string, deduplicationMs: number): boolean {
  if (deduplicationMs === 0) return false
  const now = store.now()
  const { changes } = store
    .sql(
      `INSERT INTO waystation_recent_id (channel, message_id, expires_at) VALUES (?, ?, ?)
       ON CONFLICT (channel, message_id) DO UPDATE SET expires_at = excluded.expires_at WHERE expires_at <= ?`,
    )
    .run(channel, messageId, Math.ceil(now + deduplicationMs), now)
  if (changes === 0) return true
  store
    .sql(
      `DELETE FROM waystation_recent_id WHERE (channel, message_id) IN
         (SELECT channel, message_id FROM waystation_recent_id WHERE expires_at <= ${boundInteger} ORDER BY expires_at LIMIT ${forgottenPerId})`,
    )
    .run(now)
  return false
}
