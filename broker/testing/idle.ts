import type { Broker } from "../index.ts"

/** Names a destination, as the history and a broker's snapshot both know it. */
export function destinationName(channel: string, subscription?: string, group?: string): string {
  return JSON.stringify([channel, subscription ?? null, group ?? null])
}

/**
 * The destinations in which something waits, or is being handled, as "channel/subscription". Those that nobody consumes are
 * left out: what lies there may lie there for ever.
 */
export function openDestinations(broker: Broker, consumed: ReadonlySet<string>): string[] {
  const { queues, topics, partitioned } = broker.inspect()
  const isOpen = (counts: { ready: number; delayed: number; inFlight: number }) => counts.ready + counts.delayed + counts.inFlight > 0
  const open = [
    ...queues.filter(isOpen).map(({ name }) => [name]),
    ...topics.flatMap(({ name, subscriptions }) => subscriptions.filter(isOpen).map((one) => [name, one.name])),
    ...partitioned.flatMap(({ name, groups }) => groups.filter(({ lag }) => lag > 0).map((one) => [name, undefined, one.name])),
  ]
  return open
    .filter(([channel = "", subscription, group]) => consumed.has(destinationName(channel, subscription, group)))
    .map((names) => names.filter((name) => name !== undefined).join("/"))
}
