import type { Clock } from "../clock.ts"
import { checkOptions, integer } from "../options.ts"
import { Timeline } from "./timeline.ts"

/** Time that a test turns by hand. */
export interface VirtualClock extends Clock {
  /** Timers and deferred callbacks that have not been called. */
  readonly pending: number
  /**
   * Moves time on by `ms`, from timer to timer: each is called at its own time, and what it set off (deferred
   * callbacks, promises, handlers that await) is done before the next. Rejects with what a callback throws.
   */
  advance(ms: number): Promise<void>
  /** The same, to a time in milliseconds since the epoch. */
  advanceTo(time: number): Promise<void>
  /** Lets all that can happen at this very moment happen. Time stands still. */
  settle(): Promise<void>
  /**
   * Moves time on, from timer to timer, until the condition holds.
   * @param options.withinMs how far time may go. @default one hour
   * @throws {Error} if the condition does not hold by then, or nothing is left that could make it hold
   */
  runUntil(condition: () => boolean, options?: { withinMs?: number }): Promise<void>
  /** Resolves once `ms` of virtual time have passed: the slowness of a handler. */
  sleep(ms: number): Promise<void>
  /**
   * For a promise that the machine fulfils in its own time (a file, a socket): virtual time stands still until it is
   * settled. Returns the promise. Promises that depend on code alone need none of this.
   */
  hold<T>(promise: Promise<T>): Promise<T>
}

/** Friday, 2 January 2026, 00:00 UTC: fixed, so that every run sees the same times. */
const startDefault = Date.UTC(2026, 0, 2)
const hourMs = 3_600_000
/** A callback that sets the next one for the same moment would otherwise keep a test at that moment for ever. */
const callsAtOneMomentMax = 100_000

/**
 * A clock for tests: a lease of 30 seconds ends at once, and always at the same point.
 *
 * Time moves only when the test says so. Deferred callbacks and promises need no pushing, so `await queue.send(…)`
 * works as ever.
 *
 * @example
 * const clock = virtualClock()
 * const broker = openBroker(":memory:", { clock })
 * const orders = broker.queue<string>("orders")
 * await orders.send("tea", { delayMs: 60_000 })
 *
 * const handled: string[] = []
 * orders.consume((message) => handled.push(message.body))
 * await clock.advance(59_999)
 * expect(handled).toEqual([])
 * await clock.advance(1)
 * expect(handled).toEqual(["tea"])
 * await broker.close()
 *
 * @param options.now where time begins. @default 2 January 2026, 00:00 UTC
 */
export function virtualClock(options: { now?: number } = {}): VirtualClock {
  checkOptions("virtualClock()", options, { now: integer(0) })
  return new TurnedClock(options.now ?? startDefault)
}

class TurnedClock implements VirtualClock {
  readonly #timeline = new Timeline()
  #now: number
  #deferred = 0
  #held = 0
  /** Grows with everything that happens here: while it grows, more may come. */
  #activity = 0
  #failure: { error: unknown } | undefined
  #settling = 0

  constructor(now: number) {
    this.#now = now
  }

  get pending(): number {
    return this.#timeline.size + this.#deferred
  }

  now(): number {
    return this.#now
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    this.#activity++
    return this.#timeline.add({ at: this.#now + Math.max(0, delayMs), callback })
  }

  defer(callback: () => void): void {
    this.#activity++
    this.#deferred++
    setImmediate(() => {
      this.#deferred--
      this.#call(callback)
    })
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(ms, resolve))
  }

  hold<T>(promise: Promise<T>): Promise<T> {
    this.#held++
    const release = () => void this.#held--
    promise.then(release, release)
    return promise
  }

  advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`Time goes forwards: advance() takes 0 or more milliseconds, got ${ms}.`)
    return this.advanceTo(this.#now + ms)
  }

  async advanceTo(time: number): Promise<void> {
    await this.settle()
    for (let next = this.#timeline.next; next !== undefined && next.at <= time; next = this.#timeline.next) {
      await this.#moveTo(next.at)
    }
    this.#now = Math.max(this.#now, time)
  }

  async settle(): Promise<void> {
    await this.#moveTo(this.#now)
  }

  async runUntil(condition: () => boolean, options: { withinMs?: number } = {}): Promise<void> {
    const withinMs = options.withinMs ?? hourMs
    const deadline = this.#now + withinMs
    await this.settle()
    while (!condition()) {
      const next = this.#timeline.next
      if (next === undefined) throw new Error("The condition does not hold, and nothing is pending that could change that.")
      if (next.at > deadline) throw new Error(`The condition did not come to hold within ${withinMs} ms of virtual time.`)
      await this.#moveTo(next.at)
    }
  }

  /** Calls what is due at `time`, one after the other, and waits until nothing moves any more. */
  async #moveTo(time: number): Promise<void> {
    this.#now = Math.max(this.#now, time)
    await this.#quiet()
    for (let calls = 0; ; calls++) {
      if (calls === callsAtOneMomentMax)
        throw new Error(`${callsAtOneMomentMax} timers were called at one moment: each seems to set the next.`)
      const timer = this.#timeline.takeDue(this.#now)
      if (timer === undefined) return
      this.#call(timer.callback)
      await this.#quiet()
    }
  }

  /** One turn of the real event loop empties the queue of promises; a turn in which nothing happened here is the last. */
  async #quiet(): Promise<void> {
    let before: number
    this.#settling++
    do {
      before = this.#activity
      await new Promise((resolve) => setImmediate(resolve))
    } while (this.#activity !== before || this.#deferred > 0 || this.#held > 0)
    this.#settling--
    if (this.#failure === undefined) return
    const { error } = this.#failure
    this.#failure = undefined
    throw error
  }

  #call(callback: () => void): void {
    this.#activity++
    try {
      callback()
    } catch (error) {
      // With nobody waiting it would go unseen; thrown from here it is an uncaught error, as it is in production.
      if (this.#settling === 0) throw error
      this.#failure ??= { error }
    }
  }
}
