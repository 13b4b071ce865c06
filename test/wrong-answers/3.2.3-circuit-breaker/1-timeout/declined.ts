// ko: 시간 안에 답이 없으면 거절된 것으로 친다
// en: No answer in time is taken for a declined card
// caught by: [2]
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
    reject(new TimeoutError(`No answer within ${timeoutMs} ms.`))
    controller.abort()
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
    if (error instanceof TimeoutError) return "declined"
    throw error
  }
}
