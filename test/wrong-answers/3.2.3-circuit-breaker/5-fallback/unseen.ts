// ko: 대체 응답을 썼다는 것을 아무 데도 알리지 않는다
// en: Nobody is told that there was a fallback
// caught by: [9]
import type { Clock } from "#waystation"

export class UnavailableError extends Error {
  override readonly name = "UnavailableError"
  readonly reason: "not made" | "no answer"

  constructor(reason: "not made" | "no answer") {
    super(reason)
    this.reason = reason
  }
}

export interface OrderPage {
  readonly orderId: string
  readonly minutes?: number // until the food is there, as the kitchen estimates it
  readonly asOf?: number // only with an earlier estimate: when the kitchen gave it
}
export interface PageParts {
  readonly clock: Clock
  readonly keepMs: number // an estimate that is older than this is of no use
  estimate(orderId: string): Promise<number> // asks the kitchen
  fellBack(error: UnavailableError): void // counts, for a dashboard
}
/** Task 9. The page of an order. The estimate is nice to have. */
export class OrderPages {
  readonly parts: PageParts
  readonly #known = new Map<string, { readonly minutes: number; readonly asOf: number }>()

  constructor(parts: PageParts) {
    this.parts = parts
  }

  async page(orderId: string): Promise<OrderPage> {
    const { clock, keepMs, estimate } = this.parts
    try {
      const minutes = await estimate(orderId)
      this.#known.set(orderId, { minutes, asOf: clock.now() })
      return { orderId, minutes }
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      const known = this.#known.get(orderId)
      return known && clock.now() - known.asOf <= keepMs ? { orderId, ...known } : { orderId }
    }
  }
}

/** Task 10. What the customer is told: 201 paid, 402 declined, 503 nothing happened, try again, 202 we are finding out. */
export async function checkout(charge: () => Promise<"approved" | "declined">): Promise<201 | 202 | 402 | 503> {
  try {
    return (await charge()) === "approved" ? 201 : 402
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    return error.reason === "not made" ? 503 : 202
  }
}
