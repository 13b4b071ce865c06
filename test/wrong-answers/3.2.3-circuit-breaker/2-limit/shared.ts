// ko: 모든 서비스가 한 한도를 함께 쓴다
// en: All services share one limit
// caught by: [4]
export class TooManyCallsError extends Error {
  override readonly name = "TooManyCallsError"
}

/** Task 3. Lets at most `max` calls be outstanding at any time, and refuses one more at once. */
export class Limit {
  readonly max: number
  #outstanding = 0

  constructor(max: number) {
    this.max = max
  }

  async run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (this.#outstanding >= this.max) throw new TooManyCallsError(`${this.max} calls are outstanding already.`)
    this.#outstanding++
    try {
      return await call()
    } finally {
      this.#outstanding--
    }
  }
}

/** Task 4. Has `max` places for each of the services that are called. */
export class Bulkheads {
  readonly max: number
  readonly #limit: Limit

  constructor(max: number) {
    this.max = max
    this.#limit = new Limit(max)
  }

  run<Answer>(_service: string, call: () => Promise<Answer>): Promise<Answer> {
    return this.#limit.run(call)
  }
}
