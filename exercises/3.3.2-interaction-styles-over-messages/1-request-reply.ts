import type { Broker, Consumer } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type Question = { readonly item: string }
export type Price = { readonly cents: number }
/** Calls back after so many milliseconds, unless the function that it returns is called before. */
export type Timer = (ms: number, callback: () => void) => () => void

/** Task 1. Answers what comes to the queue "price-questions". A question names the queue for the reply in the header "reply-to". */
export function answerPrices(broker: Broker, priceOf: (item: string) => Promise<number>): Consumer {
  throw new Todo(1)
}

/** Asks that queue, and gets the replies from the queue `replies`, which is nobody else's. */
export class PriceClient {
  constructor(broker: Broker, replies: string, timer: Timer) {
    throw new Todo(2)
  }

  /** Task 2. Fulfilled with the price of the item. Task 3. Rejected when there is no reply within `timeoutMs`. */
  async ask(item: string, timeoutMs: number): Promise<Price> {
    throw new Todo(2)
  }
}
