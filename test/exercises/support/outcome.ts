/**
 * What the learner's function returned, or what it threw, where to throw may be an answer. A task that waits still waits.
 */
export function outcomeOf<Value>(call: () => Value): { readonly value: Value } | { readonly thrown: unknown } {
  try {
    return { value: call() }
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "Todo") throw thrown
    return { thrown }
  }
}
