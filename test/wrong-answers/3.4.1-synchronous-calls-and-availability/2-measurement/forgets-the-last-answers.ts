// ko: 마지막 요청을 보내자마자 센다. 아직 오지 않은 답은 모두 실패가 된다
// en: Counts as soon as the last request is out: an answer on its way counts as none
// caught by: [4]
/** Asks the order service for an order. Fulfilled when it was accepted; rejected when it failed, or when no answer came in time. */
export type Order = () => Promise<void>

/** Time: sleep() is fulfilled after so many milliseconds. */
export type Clock = { sleep(ms: number): Promise<void> }

/** Task 4. Customers do not wait for each other: who measures must not either, or it asks least when things are worst. */
export async function measure(order: Order, clock: Clock, requests: number, everyMs: number): Promise<number> {
  let accepted = 0
  for (let asked = 0; asked < requests; asked++) {
    order().then(
      () => {
        accepted++
      },
      () => {},
    )
    await clock.sleep(everyMs)
  }
  // Of all that were asked, not of those that were answered.
  return accepted / requests
}
