// ko: HTTP 5xx만 실패로 세서, 타임아웃과 끊긴 연결을 놓친다
// en: Only HTTP 5xx counts: time-outs and broken connections are missed
// caught by: [5]
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
  return error instanceof HttpError && error.status >= 500
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
    const { minimumCalls, rateMax } = this.parts
    const failures = this.#ended.filter(({ failed }) => failed).length
    return this.#ended.length >= minimumCalls && failures > rateMax * this.#ended.length
  }

  #forget(): void {
    const since = this.parts.clock.now() - this.parts.windowMs
    this.#ended = this.#ended.filter(({ at }) => at > since)
  }
}
