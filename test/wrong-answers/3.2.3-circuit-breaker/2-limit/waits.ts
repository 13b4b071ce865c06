// ko: 자리가 날 때까지 줄을 세운다
// en: Calls beyond the limit are kept waiting for a place
// caught by: [3]
export class TooManyCallsError extends Error {
  override readonly name = "TooManyCallsError"
}

/** Task 3. Lets at most `max` calls be outstanding at any time, and refuses one more at once. */
export class Limit {
  readonly max: number
  #outstanding = 0
  readonly #waiting: (() => void)[] = []

  constructor(max: number) {
    this.max = max
  }

  async run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (this.#outstanding >= this.max) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#outstanding++
    try {
      return await call()
    } finally {
      this.#outstanding--
      this.#waiting.shift()?.()
    }
  }
}

/** Task 4. Has `max` places for each of the services that are called. */
export class Bulkheads {
  readonly max: number
  readonly #limits = new Map<string, Limit>()

  constructor(max: number) {
    this.max = max
  }

  run<Answer>(service: string, call: () => Promise<Answer>): Promise<Answer> {
    const limit = this.#limits.get(service) ?? new Limit(this.max)
    this.#limits.set(service, limit)
    return limit.run(call)
  }
}
