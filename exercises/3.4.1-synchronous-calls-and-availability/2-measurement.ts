import { Todo } from "#workbook/todo.ts"

/** Asks the order service for an order. Fulfilled when it was accepted; rejected when it failed, or when no answer came in time. */
export type Order = () => Promise<void>

/** Time: sleep() is fulfilled after so many milliseconds. */
export type Clock = { sleep(ms: number): Promise<void> }

/** Task 4. Asks `requests` times, once every `everyMs`, and answers with the share (0 to 1) that was accepted. */
export async function measure(order: Order, clock: Clock, requests: number, everyMs: number): Promise<number> {
  throw new Todo(4)
}
