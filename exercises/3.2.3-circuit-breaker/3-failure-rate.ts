import type { Clock } from "#waystation"
import { Todo } from "#workbook/todo.ts"

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
  throw new Todo(5)
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
  constructor(parts: RateParts) {
    this.parts = parts
  }
  record(failed: boolean): void {
    throw new Todo(6)
  }
  isTooHigh(): boolean {
    throw new Todo(6)
  }
}
