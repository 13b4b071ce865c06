import type { Clock } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** The breaker is open. The call was not made. */
export class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError"
}

/** What a breaker is made of. `isFailure` and `newRate` are as in tasks 5 and 6. */
export interface Parts {
  readonly clock: Clock
  readonly openMs: number // how long it refuses everything before it tries again
  isFailure(error: unknown): boolean
  newRate(): Rate // with no calls in it
}
export interface Rate {
  record(failed: boolean): void
  isTooHigh(): boolean
}

export class Breaker {
  readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Task 7. Makes the call as long as the breaker is closed. Task 8. Half-open it makes a single one. */
  run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    throw new Todo(7)
  }

  /** Task 8. What a dashboard shows. It is half-open while the single call is outstanding. */
  get state(): "closed" | "open" | "half-open" {
    throw new Todo(8)
  }
}
