// ko: 호출할 때마다 한도를 새로 만들어서 아무것도 막지 못한다
// en: A new limit for each call: nothing is ever refused
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
  constructor(max: number) {
    this.max = max
  }

  run<Answer>(_service: string, call: () => Promise<Answer>): Promise<Answer> {
    return new Limit(this.max).run(call)
  }
}
