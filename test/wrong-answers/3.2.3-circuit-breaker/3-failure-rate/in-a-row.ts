// ko: 실패율이 아니라 연속된 실패를 센다
// en: Failures in a row are counted, not their rate
// caught by: [6]
import type { Clock } from "#waystation"

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

  record(failed: boolean): void {
    this.#forget()
    this.#ended.push({ at: this.parts.clock.now(), failed })
  }

  isTooHigh(): boolean {
    this.#forget()
    const { minimumCalls } = this.parts
    const lastAnswer = this.#ended.findLastIndex(({ failed }) => !failed)
    const inARow = this.#ended.length - 1 - lastAnswer
    return inARow >= minimumCalls
  }

  #forget(): void {
    const since = this.parts.clock.now() - this.parts.windowMs
    this.#ended = this.#ended.filter(({ at }) => at > since)
  }
}
