// ko: 결제를 JSON으로 바꾸지 않고 보낸다
// en: The payment is sent without being turned into JSON
// caught by: [2]
import type { Clock } from "#waystation"

/** No answer came in time. What became of the request nobody knows on this side. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError"
}

/** Makes a request. It is to stop waiting for the answer when the signal is aborted. */
export type Call<Answer> = (signal: AbortSignal) => Promise<Answer>

/** Task 1. The answer of the call, or its error; after `timeoutMs` without either, a TimeoutError. */
export async function withTimeout<Answer>(clock: Clock, timeoutMs: number, call: Call<Answer>): Promise<Answer> {
  const controller = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = clock.setTimer(timeoutMs, () => {
    // First the caller's error, then the signal: what the call says when it is told to stop comes second, and is not heard.
    reject(new TimeoutError(`No answer within ${timeoutMs} ms.`))
    controller.abort()
  })
  try {
    // A race, as nobody can make the call stop: it may not even look at the signal.
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
      const response = await fetch(`${url}/charges`, { method: "POST", body: String(payment), signal })
      // Within the time-out: fetch() is fulfilled by the headers, and the body may still never come.
      const { result } = (await response.json()) as { result: "approved" | "declined" }
      return result
    })
  } catch (error) {
    // The request may have arrived, and the card may be charged: anything but "unknown" would be a guess.
    if (error instanceof TimeoutError) return "unknown"
    throw error
  }
}
