/** Asks the order service for an order. Fulfilled when it was accepted; rejected when it failed, or when no answer came in time. */
export type Order = () => Promise<void>

/** Time: sleep() is fulfilled after so many milliseconds. */
export type Clock = { sleep(ms: number): Promise<void> }

/** Task 4. Customers do not wait for each other: who measures must not either, or it asks least when things are worst. */
export async function measure(order: Order, clock: Clock, requests: number, everyMs: number): Promise<number> {
  const answers: Promise<boolean>[] = []
  for (let asked = 0; asked < requests; asked++) {
    const accepted = order().then(
      () => true,
      () => false,
    )
    answers.push(accepted)
    await clock.sleep(everyMs)
  }
  const accepted = (await Promise.all(answers)).filter(Boolean).length
  // Of all that were asked, not of those that were answered.
  return accepted / requests
}
