import type { Broker } from "../index.ts"

/** Names a destination, as the history and a broker's snapshot both know it. */
export function destinationName(channel: string, subscription?: string, group?: string): string {
  return JSON.stringify([channel, subscription ?? null, group ?? null])
}

/** Whether nothing waits, or is being handled, in the destinations that are consumed. What nobody consumes may wait for ever. */
export function isDrained(broker: Broker, consumed: ReadonlySet<string>): boolean {
  const { queues, topics, partitioned } = broker.inspect()
  const open = (counts: { ready: number; delayed: number; inFlight: number }) => counts.ready + counts.delayed + counts.inFlight > 0
  return !(
    queues.some((queue) => open(queue) && consumed.has(destinationName(queue.name))) ||
    topics.some(({ name, subscriptions }) => subscriptions.some((one) => open(one) && consumed.has(destinationName(name, one.name)))) ||
    partitioned.some(({ name, groups }) =>
      groups.some((group) => group.lag > 0 && consumed.has(destinationName(name, undefined, group.name))),
    )
  )
}
