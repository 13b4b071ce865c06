import type { Clock } from "#waystation"

/** The service has answered, with a status of 400 or above. */
export class HttpError extends Error {
  override readonly name = "HttpError"
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

/** Task 5. Whether this error of a call says that the service called is in trouble. */
export function isFailure(error: unknown): boolean {
  // 4xx: the service is well enough to say what is wrong with the request. Everything else, a time-out too, is no answer.
  return !(error instanceof HttpError) || error.status >= 500
}

export interface RateParts {
  readonly clock: Clock
  readonly windowMs: number // only calls that ended within this time count
  readonly minimumCalls: number // with fewer of them, no rate is too high
  readonly rateMax: number // the share of failures that is still bearable: 0.5 is one in two
}

/** Task 6. Watches the calls that ended lately. */
export class FailureRate {
  readonly parts: RateParts
  #ended: { readonly at: number; readonly failed: boolean }[] = []

  constructor(parts: RateParts) {
    this.parts = parts
  }

  /** A call has ended just now. */
  record(failed: boolean): void {
    this.#forget()
    this.#ended.push({ at: this.parts.clock.now(), failed })
  }

  isTooHigh(): boolean {
    this.#forget()
    const { minimumCalls, rateMax } = this.parts
    const failures = this.#ended.filter(({ failed }) => failed).length
    return this.#ended.length >= minimumCalls && failures > rateMax * this.#ended.length
  }

  /** Both kinds: old answers would hide today's failures as old failures would hide that it is well again. */
  #forget(): void {
    const since = this.parts.clock.now() - this.parts.windowMs
    this.#ended = this.#ended.filter(({ at }) => at > since)
  }
}
