// ko: 답을 기다린 다음에 다음 요청을 보낸다. 서비스가 느릴수록 덜 물어본다(coordinated omission)
// en: Waits for an answer before it asks again: asks least when the services are slowest (coordinated omission)
// caught by: [4]
/** Asks the order service for an order. Fulfilled when it was accepted; rejected when it failed, or when no answer came in time. */
export type Order = () => Promise<void>

/** Time: sleep() is fulfilled after so many milliseconds. */
export type Clock = { sleep(ms: number): Promise<void> }

/** Task 4. Customers do not wait for each other: who measures must not either, or it asks least when things are worst. */
export async function measure(order: Order, clock: Clock, requests: number, everyMs: number): Promise<number> {
  let accepted = 0
  for (let asked = 0; asked < requests; asked++) {
    const answered = order().then(
      () => true,
      () => false,
    )
    if (await answered) accepted++
    await clock.sleep(everyMs)
  }
  // Of all that were asked, not of those that were answered.
  return accepted / requests
}
