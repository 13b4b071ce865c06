// ko: 신호만 보내고, 호출이 스스로 그만두기를 기다린다
// en: The signal is sent, and then the call is trusted to stop by itself
// caught by: [1]
import type { Clock } from "#waystation"

export class TimeoutError extends Error {
  override readonly name = "TimeoutError"
}

export type Call<Answer> = (signal: AbortSignal) => Promise<Answer>

/** Task 1. The answer of the call, or its error; after `timeoutMs` without either, a TimeoutError. */
export async function withTimeout<Answer>(clock: Clock, timeoutMs: number, call: Call<Answer>): Promise<Answer> {
  const controller = new AbortController()
  const cancel = clock.setTimer(timeoutMs, () => {
    controller.abort(new TimeoutError(`No answer within ${timeoutMs} ms.`))
  })
  try {
    return await call(controller.signal)
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
