/** How long a failed message waits before its next attempt: exponential, bounded, with jitter. */
export interface Backoff {
  /** The wait after the first failure. @default 100 */
  initialMs?: number
  /** Each further wait is this many times the one before. @default 2 */
  factor?: number
  /** No wait is longer. @default 30_000 */
  maxMs?: number
}

/**
 * The wait after failed attempt `attempt` (from 1), in whole milliseconds. Half of it is chance, so that messages that
 * failed together do not come back together ("equal jitter", Brooker, "Exponential Backoff And Jitter").
 */
export function backoffMs(attempt: number, { initialMs = 100, factor = 2, maxMs = 30_000 }: Backoff, random: () => number): number {
  // The power overflows long before the attempts end, and Infinity times 0 is no number.
  const growth = Math.min(factor ** (attempt - 1), Number.MAX_VALUE)
  const full = Math.min(initialMs * growth, maxMs)
  return Math.round(full / 2 + (random() * full) / 2)
}
