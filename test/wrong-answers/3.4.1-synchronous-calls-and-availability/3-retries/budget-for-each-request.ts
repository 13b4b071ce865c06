// ko: 요청마다 예산을 새로 만든다. 예산이 아예 없는 것과 같다
// en: A new budget for every request: as good as none
// caught by: [6]
/** No answer came. To ask again may help. */
export class Unavailable extends Error {}
/** An answer came, and it is no: the card has no money on it. */
export class Refused extends Error {}

/** Calls another service. Fulfilled, or rejected with one of the two. */
export type Call = () => Promise<void>
/** Time: sleep() is fulfilled after so many milliseconds. */
export type Clock = { sleep(ms: number): Promise<void> }

/** Task 5. Only what had no answer is asked again: a refusal stays one, however often it is asked for. */
export async function retrying(call: Call, clock: Clock, mayRetry: () => boolean = () => true): Promise<void> {
  for (const waitMs of [100, 200]) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof Unavailable) || !mayRetry()) throw error
      await clock.sleep(waitMs)
    }
  }
  return call()
}

/** Task 6. Retries are a share of the requests: in an outage, when everything is retried, they stay a tenth on top. */
export class RetryBudget {
  /** In tenths of a retry, so that no fraction is ever rounded. */
  #tenths = 100

  earn(): void {
    this.#tenths = Math.min(100, this.#tenths + 1)
  }

  spend(): boolean {
    if (this.#tenths < 10) return false
    this.#tenths -= 10
    return true
  }
}

/** Task 6. The retries of task 5, if the budget has one left. */
export async function retryingWithin(budget: RetryBudget, call: Call, clock: Clock): Promise<void> {
  budget.earn()
  const own = new RetryBudget()
  return retrying(call, clock, () => own.spend())
}
