// ko: 호출이 곧바로 예외를 던지면 자리가 영영 돌아오지 않는다
// en: The place is never given back when the call throws at once
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

  run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (this.#outstanding >= this.max) return Promise.reject(new TooManyCallsError(`${this.max} calls are outstanding already.`))
    this.#outstanding++
    return call().finally(() => {
      this.#outstanding--
    })
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
