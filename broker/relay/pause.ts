import type { Clock } from "../clock.ts"

/** A sleep that a signal ends early. A signal that comes while nobody sleeps ends the next sleep at once: none is lost. */
export class Pause {
  readonly #clock: Clock
  #end: (() => void) | undefined
  #signalled = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#clock.setTimer(this.#signalled ? 0 : ms, resolve)
    this.#signalled = false
    this.#end = () => {
      cancel()
      resolve()
    }
    return promise.then(() => {
      this.#end = undefined
    })
  }

  signal(): void {
    if (this.#end) this.#end()
    else this.#signalled = true
  }
}
