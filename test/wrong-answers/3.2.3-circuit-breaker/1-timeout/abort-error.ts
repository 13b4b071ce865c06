// ko: 신호를 먼저 보내서, 타임아웃 오류 대신 호출의 AbortError가 나온다
// en: The signal goes first, so that the call's AbortError comes out in the place of the TimeoutError
// caught by: [1]
import type { Clock } from "#waystation"

export class TimeoutError extends Error {
  override readonly name = "TimeoutError"
}

export type Call<Answer> = (signal: AbortSignal) => Promise<Answer>

/** Task 1. The answer of the call, or its error; after `timeoutMs` without either, a TimeoutError. */
export async function withTimeout<Answer>(clock: Clock, timeoutMs: number, call: Call<Answer>): Promise<Answer> {
  const controller = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = clock.setTimer(timeoutMs, () => {
    controller.abort()
    reject(new TimeoutError(`No answer within ${timeoutMs} ms.`))
  })
  try {
    return await Promise.race([call(controller.signal), late])
  } finally {
    cancel()
  }
}

export interface Payment {
  readonly orderId: string
  readonly won: number
}

/** Task 2. Has the card service charge the card: POST <url>/charges, answered by {"result":"approved"} or {"result":"declined"}. */
export async function charge(clock: Clock, url: string, payment: Payment, timeoutMs: number): Promise<"approved" | "declined" | "unknown"> {
  try {
    return await withTimeout(clock, timeoutMs, async (signal) => {
      const response = await fetch(`${url}/charges`, { method: "POST", body: JSON.stringify(payment), signal })
      const { result } = (await response.json()) as { result: "approved" | "declined" }
      return result
    })
  } catch (error) {
    if (error instanceof TimeoutError) return "unknown"
    throw error
  }
}
