import type { Clock } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** No answer came in time. What became of the request nobody knows on this side. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError"
}

/** Makes a request. It is to stop waiting for the answer when the signal is aborted. */
export type Call<Answer> = (signal: AbortSignal) => Promise<Answer>

/** Task 1. The answer of the call, or its error; after `timeoutMs` without either, a TimeoutError. */
export function withTimeout<Answer>(clock: Clock, timeoutMs: number, call: Call<Answer>): Promise<Answer> {
  throw new Todo(1)
}

export interface Payment {
  readonly orderId: string
  readonly won: number
}

/** Task 2. Has the card service charge the card: POST <url>/charges, answered by {"result":"approved"} or {"result":"declined"}. */
export async function charge(clock: Clock, url: string, payment: Payment, timeoutMs: number): Promise<"approved" | "declined" | "unknown"> {
  throw new Todo(2)
}
