// ko: 답을 받는 큐의 이름을 코드에 적어 둔다. 두 서비스가 서로의 답을 가져간다
// en: Has the name of the queue for replies in the code: two services take each other's replies
// caught by: [2]
import { randomUUID } from "node:crypto"
import type { Broker, Consumer } from "#waystation"

export type Question = { readonly item: string }
export type Price = { readonly cents: number }
/** Calls back after so many milliseconds, unless the function that it returns is called before. */
export type Timer = (ms: number, callback: () => void) => () => void

/** Task 1. The reply is sent before the question is acknowledged: after a crash between them it is sent twice, and never lost. */
export function answerPrices(broker: Broker, priceOf: (item: string) => Promise<number>): Consumer {
  return broker.queue<Question>("price-questions").consume(async ({ id, body, headers }) => {
    const cents = await priceOf(body.item)
    const replyTo = headers["reply-to"]
    if (replyTo === undefined) return
    await broker.queue<Price>(replyTo).send({ cents }, { headers: { "correlation-id": id } })
  })
}

/** Asks that queue, and gets the replies from the queue `replies`, which is nobody else's. */
export class PriceClient {
  readonly #broker: Broker
  readonly #replies: string
  readonly #timer: Timer
  readonly #waiting = new Map<string, (price: Price) => void>()

  constructor(broker: Broker, replies: string, timer: Timer) {
    this.#broker = broker
    this.#replies = "replies"
    this.#timer = timer
    // For nobody who still waits: late, or the same once more. To acknowledge it is to forget it.
    broker.queue<Price>("replies").consume(({ body, headers }) => this.#waiting.get(headers["correlation-id"] ?? "")?.(body))
  }

  /** Task 2. The id is made here, so that somebody waits for it before the question can be answered. */
  async ask(item: string, timeoutMs: number): Promise<Price> {
    const id = randomUUID()
    const { promise, resolve, reject } = Promise.withResolvers<Price>()
    this.#waiting.set(id, resolve)
    const cancel = this.#timer(timeoutMs, () => reject(new Error(`No price of ${item} within ${timeoutMs} ms.`)))
    try {
      await this.#broker.queue<Question>("price-questions").send({ item }, { id, headers: { "reply-to": this.#replies } })
      return await promise
    } finally {
      // Task 3. Only this question stops waiting. The others' replies come through the same queue.
      cancel()
      this.#waiting.delete(id)
    }
  }
}
