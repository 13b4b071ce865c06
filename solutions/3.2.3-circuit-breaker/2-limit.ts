/** As many calls are outstanding as there may be. This one was not made. */
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
    // Above the `try`: a call that was refused had no place that could be given back.
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
