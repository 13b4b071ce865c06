// ko: 기다리는 이가 없는 답을 돌려준다(nack). 늦은 답이 되풀이해 배달되다가 데드 레터가 된다
// en: Hands back (nack) a reply for which nobody waits: a late one is delivered again and again, and ends as a dead letter
// caught by: [3]
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
    this.#replies = replies
    this.#timer = timer
    // For nobody who still waits: late, or the same once more. To acknowledge it is to forget it.
    broker.queue<Price>(replies).consume(({ body, headers }, delivery) => {
      const resolve = this.#waiting.get(headers["correlation-id"] ?? "")
      if (resolve) resolve(body)
      else delivery.nack()
    })
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
