// ko: 닫힐 때 예전의 실패를 지우지 않아서 실패 한 건에 다시 열린다
// en: When it closes the old failures stay: the next one opens it again
// caught by: [8]
import type { Clock } from "#waystation"

export class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError"
}

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
  readonly #rate: Rate
  #openUntil: number | undefined
  #probing = false

  constructor(parts: Parts) {
    this.parts = parts
    this.#rate = parts.newRate()
  }

  /** Task 7. Makes the call as long as the breaker is closed. Task 8. Half-open it makes a single one. */
  async run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const probe = this.#openUntil !== undefined
    if (probe && (this.#probing || this.parts.clock.now() < (this.#openUntil ?? 0))) throw new CircuitOpenError("The breaker is open.")
    this.#probing = probe
    try {
      const answer = await call()
      this.#ended(probe, false)
      return answer
    } catch (error) {
      this.#ended(probe, this.parts.isFailure(error))
      throw error
    }
  }

  #ended(probe: boolean, failed: boolean): void {
    if (probe) {
      this.#probing = false
      if (failed) this.#open()
      else this.#close()
    } else if (this.#openUntil === undefined) {
      this.#rate.record(failed)
      if (this.#rate.isTooHigh()) this.#open()
    }
  }

  #open(): void {
    this.#openUntil = this.parts.clock.now() + this.parts.openMs
  }

  #close(): void {
    this.#openUntil = undefined
  }

  /** Task 8. What a dashboard shows. It is half-open while the single call is outstanding. */
  get state(): "closed" | "open" | "half-open" {
    if (this.#probing) return "half-open"
    return this.#openUntil === undefined ? "closed" : "open"
  }
}
