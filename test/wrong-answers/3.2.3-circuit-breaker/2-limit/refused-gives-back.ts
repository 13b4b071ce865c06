// ko: 거절된 호출도 자리를 돌려줘서, 그때마다 한도가 하나씩 늘어난다
// en: A refused call gives back a place that it never had: the limit grows by one each time
// caught by: [3]
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
    try {
      if (this.#outstanding >= this.max) throw new TooManyCallsError(`${this.max} calls are outstanding already.`)
      this.#outstanding++
      return await call()
    } finally {
      this.#outstanding--
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
