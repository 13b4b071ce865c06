/**
 * The only source of time. Production reads the machine's clock; a test hands in one that it turns by hand
 * (`virtualClock()` of `waystation/testing`).
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once, `delayMs` from now. Returns a function that cancels the call; cancelling twice is fine. */
  setTimer(delayMs: number, callback: () => void): () => void
  /** Calls back once, at the end of this turn of the event loop: what happens until then can share a commit. */
  defer(callback: () => void): void
}

/** A longer delay overflows the 32-bit timer of every runtime and would fire at once. */
const delayMsMax = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), delayMsMax))
    return () => clearTimeout(timer)
  },
  defer: (callback) => void setImmediate(callback),
}
