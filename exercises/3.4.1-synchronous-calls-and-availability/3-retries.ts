import { Todo } from "#workbook/todo.ts"

/** No answer came. To ask again may help. */
export class Unavailable extends Error {}
/** An answer came, and it is no: the card has no money on it. */
export class Refused extends Error {}

/** Calls another service. Fulfilled, or rejected with one of the two. */
export type Call = () => Promise<void>
/** Time: sleep() is fulfilled after so many milliseconds. */
export type Clock = { sleep(ms: number): Promise<void> }

/** Task 5. Calls, and after 100 ms and once more after another 200 ms calls again, where that may help. Ends as the last call does. */
export async function retrying(call: Call, clock: Clock): Promise<void> {
  throw new Todo(5)
}

/** Task 6. One for all the calls of a process: one retry for every ten requests, and never more than ten saved up. It begins with ten. */
export class RetryBudget {
  /** Called once for each request, before its first call. */
  earn(): void {
    throw new Todo(6)
  }

  /** Called before each retry: whether it may be made. */
  spend(): boolean {
    throw new Todo(6)
  }
}

/** Task 6. As in task 5, as long as the budget allows it. */
export async function retryingWithin(budget: RetryBudget, call: Call, clock: Clock): Promise<void> {
  throw new Todo(6)
}
