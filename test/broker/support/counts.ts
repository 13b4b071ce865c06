import type { Broker } from "#waystation"

/** Where a queue's or subscription's messages are. */
export interface Counts {
  ready: number
  delayed: number
  inFlight: number
  dead: number
}

export const nothing: Counts = { ready: 0, delayed: 0, inFlight: 0, dead: 0 }

export function queueCounts(broker: Broker, name: string): Counts {
  return counts(broker.inspect().queues, name)
}

export function subscriptionCounts(broker: Broker, topic: string, subscription: string): Counts {
  return counts(named(broker.inspect().topics, topic).subscriptions, subscription)
}

export function groupState(broker: Broker, channel: string, group: string) {
  return named(named(broker.inspect().partitioned, channel).groups, group)
}

function counts(all: readonly (Counts & { name: string })[], name: string): Counts {
  const { ready, delayed, inFlight, dead } = named(all, name)
  return { ready, delayed, inFlight, dead }
}

function named<Item extends { name: string }>(all: readonly Item[], name: string): Item {
  const found = all.find((item) => item.name === name)
  if (!found) throw new Error(`inspect() shows no "${name}", only: ${all.map((item) => item.name).join(", ")}`)
  return found
}
