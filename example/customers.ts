import type { Order } from "./domain.ts"

/** Asked for by a customer. A request made twice counts once, so a customer may ask again. */
export type CustomerRequest = { readonly kind: "place"; readonly order: Order } | { readonly kind: "cancel"; readonly orderId: string }

/** Requests on their way at once: as many as may be lost with the service. */
const unansweredMax = 8

/** The people who order. They wait for the order service's answer, and for nothing else. */
export class Customers {
  readonly #ask: (request: string) => void
  readonly #placed: (orderId: string) => void
  readonly #waiting: string[] = []
  readonly #unanswered = new Set<string>()

  /** `placed`: a customer was told that this order is placed. */
  constructor(events: { ask: (request: string) => void; placed: (orderId: string) => void }) {
    this.#ask = events.ask
    this.#placed = events.placed
  }

  get allAnswered(): boolean {
    return this.#unanswered.size === 0 && this.#waiting.length === 0
  }

  come(requests: readonly CustomerRequest[]): void {
    this.#waiting.push(...requests.map((request) => JSON.stringify(request)))
    this.#askOn()
  }

  /** The service answers a request by repeating it. */
  hear(answer: string): void {
    if (!this.#unanswered.delete(answer)) return
    const request = JSON.parse(answer) as CustomerRequest
    if (request.kind === "place") this.#placed(request.order.id)
    this.#askOn()
  }

  /** For a service that was killed before it answered, or before it heard. */
  askAgain(): void {
    for (const request of this.#unanswered) this.#ask(request)
  }

  #askOn(): void {
    while (this.#unanswered.size < unansweredMax && this.#waiting.length > 0) {
      const request = this.#waiting.shift() as string
      this.#unanswered.add(request)
      this.#ask(request)
    }
  }
}
