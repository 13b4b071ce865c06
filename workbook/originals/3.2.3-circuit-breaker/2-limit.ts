import { Todo } from "#workbook/todo.ts"

/** As many calls are outstanding as there may be. This one was not made. */
export class TooManyCallsError extends Error {
  override readonly name = "TooManyCallsError"
}

/** Task 3. Lets at most `max` calls be outstanding at any time, and refuses one more at once. */
export class Limit {
  readonly max: number

  constructor(max: number) {
    this.max = max
  }

  run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    throw new Todo(3)
  }
}

/** Task 4. Has `max` places for each of the services that are called. */
export class Bulkheads {
  readonly max: number

  constructor(max: number) {
    this.max = max
  }

  run<Answer>(service: string, call: () => Promise<Answer>): Promise<Answer> {
    throw new Todo(4)
  }
}
