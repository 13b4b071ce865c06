import type { VirtualClock } from "#waystation/testing"

/** A service that is up for around 199 seconds and down for around one, at times of its own: 99.5 %. */
export function unreliable(clock: { now(): number }, random: () => number): () => boolean {
  const around = (ms: number) => ms * (0.5 + random())
  let [up, until] = [true, clock.now() + around(199_000)]
  return () => {
    for (; clock.now() >= until; up = !up) until += around(up ? 1_000 : 199_000)
    return up
  }
}

/** Does one call after the other, each in 10 ms, and stands still for two seconds. Who calls waits for a second. */
export class Accounting {
  calls = 0
  readonly #clock: VirtualClock
  readonly #outage: { readonly from: number; readonly to: number }
  #freeAt = 0

  constructor(clock: VirtualClock, outageAfterMs: number) {
    this.#clock = clock
    this.#outage = { from: clock.now() + outageAfterMs, to: clock.now() + outageAfterMs + 2_000 }
  }

  /** Whether an answer came in time. It does the work all the same: it cannot know that nobody waits any more. */
  async call(): Promise<boolean> {
    this.calls++
    const { from, to } = this.#outage
    const free = Math.max(this.#clock.now(), this.#freeAt)
    this.#freeAt = (free >= from && free < to ? to : free) + 10
    const waitMs = this.#freeAt - this.#clock.now()
    await this.#clock.sleep(Math.min(waitMs, 1_000))
    return waitMs <= 1_000
  }
}
