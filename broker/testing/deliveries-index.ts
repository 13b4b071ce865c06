import type { Entry } from "./history.ts"

/** A message as its senders know it. */
export interface Sent {
  readonly id: string
  readonly key: string | undefined
  readonly sender: string
  /** Place of its first send in the history. */
  readonly at: number
  outcome: "ok" | "failed" | "unknown"
  /** Sent with a delay, or more than once: its place in the order is nobody's promise. */
  unordered: boolean
}

/** One attempt at a message. `…At` are places in the history. */
export interface Delivered {
  readonly at: number
  readonly time: number
  readonly process: string
  readonly attempt: number
  handledAt: number | undefined
  crashedAt: number | undefined
  endAt: number | undefined
  end: "acked" | "nacked" | "dead-lettered" | "lease-lost" | undefined
  /** What comes after it comes by hand. */
  redriven: boolean
}

/** A queue, a subscription or a group, and what it was handed. */
export interface Destination {
  readonly channel: string
  readonly subscription: string | undefined
  readonly group: string | undefined
  /** The kit has seen it being made, or consumed: what it is owed is known. */
  observed: boolean
  /** Somebody is there to empty it. */
  consumed: boolean
  ordered: boolean
  /** It gets everything, whenever it began. */
  keepsAll: boolean
  since: number
  until: number
  leaseMs: number
  attemptsMax: number
  /** Ids that may have come back by hand. */
  readonly redriven: Set<string>
  readonly deliveries: Map<string, Delivered[]>
}

export interface Index {
  readonly sends: ReadonlyMap<string, ReadonlyMap<string, Sent>>
  /** Channels with sends whose message's id nobody was told. */
  readonly anonymousSends: ReadonlySet<string>
  readonly destinations: readonly Destination[]
  readonly clockJumps: boolean
  /** Processes that something may have kept from showing signs of life. */
  readonly disturbed: ReadonlySet<string>
}

/** A history, sorted by what the checker asks for. */
export function indexed(history: readonly Entry[]): Index {
  const destinations = destinationsIn(history)
  const { sends, anonymousSends } = sendsIn(history)
  const disturbed = new Set(
    history.filter(({ event, what }) => event === "fault" && !harmless.test(what ?? "")).map(({ process }) => process),
  )
  const clockJumps = history.some((entry) => entry.event === "fault" && entry.what?.startsWith("clock-jump"))
  // Deliveries of a channel that the scenario uses past the kit (a reply channel) are none of our business.
  return {
    sends,
    anonymousSends,
    clockJumps,
    disturbed,
    destinations: destinations.filter(({ observed, channel }) => observed || sends.has(channel)),
  }
}

const harmless = /^(crash|nack|duplicate)/

function sendsIn(history: readonly Entry[]): { sends: Map<string, Map<string, Sent>>; anonymousSends: Set<string> } {
  const sends = new Map<string, Map<string, Sent>>()
  const idOf = new Map(history.filter(({ event }) => event === "send-ok").map(({ operation, id }) => [operation, id]))
  const failed = new Set(history.filter(({ event }) => event === "send-failed").map(({ operation }) => operation))
  const anonymousSends = new Set<string>()
  for (const [at, entry] of history.entries()) {
    const channel = entry.channel ?? ""
    const messages = sends.get(channel) ?? new Map<string, Sent>()
    if (entry.event === "sent" && entry.id !== undefined) {
      const sent = messages.get(entry.id)
      if (sent) sent.outcome = "ok"
    }
    if (entry.event !== "sending") continue
    sends.set(channel, messages)
    const id = entry.id ?? idOf.get(entry.operation)
    if (id === undefined) {
      if (!failed.has(entry.operation)) anonymousSends.add(channel)
      continue
    }
    const outcome = idOf.has(entry.operation) ? "ok" : failed.has(entry.operation) ? "failed" : "unknown"
    const earlier = messages.get(id)
    if (!earlier) {
      messages.set(id, { id, key: entry.key, sender: entry.process, at, outcome, unordered: entry.what === "delayed" })
    } else {
      if (earlier.outcome !== "ok") earlier.unordered = true
      if (outcome === "ok" || earlier.outcome === "failed") earlier.outcome = outcome
    }
  }
  return { sends, anonymousSends }
}

function destinationsIn(history: readonly Entry[]): Destination[] {
  const destinations = new Map<string, Destination>()
  const open = new Map<string, Delivered[]>()
  for (const [at, entry] of history.entries()) {
    if (entry.event === "crashed" || entry.event === "ended") {
      for (const delivery of open.get(entry.process) ?? []) delivery.crashedAt = at
      open.delete(entry.process)
    }
    if (!about.has(entry.event) || entry.channel === undefined) continue
    const destination = destinationOf(destinations, entry)
    if (entry.event === "subscribed") declare(destination, entry, at)
    else if (entry.event === "unsubscribed") destination.until = Math.min(destination.until, at)
    else if (entry.event === "redriven" || entry.event === "sought") beginAnew(destination)
    else if (entry.event === "delivered") {
      const delivery = delivered(entry, at)
      destination.deliveries.set(entry.id ?? "", [...(destination.deliveries.get(entry.id ?? "") ?? []), delivery])
      open.set(entry.process, [...(open.get(entry.process) ?? []), delivery])
    } else end(destination, entry, at)
  }
  return [...destinations.values()]
}

const about = new Set([
  "subscribed",
  "unsubscribed",
  "redriven",
  "sought",
  "delivered",
  "handled",
  "acked",
  "nacked",
  "dead-lettered",
  "lease-lost",
])

function destinationOf(destinations: Map<string, Destination>, entry: Entry): Destination {
  const { channel = "", subscription, group } = entry
  const name = JSON.stringify([channel, subscription, group])
  const known = destinations.get(name)
  if (known) return known
  const destination: Destination = {
    ...{ channel, subscription, group, observed: false, consumed: false, ordered: false, keepsAll: false },
    ...{ since: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY, leaseMs: 0, attemptsMax: Number.POSITIVE_INFINITY },
    ...{ redriven: new Set<string>(), deliveries: new Map<string, Delivered[]>() },
  }
  destinations.set(name, destination)
  return destination
}

function declare(destination: Destination, entry: Entry, at: number): void {
  destination.since = Math.min(destination.since, at)
  destination.observed = true
  if (entry.leaseMs === undefined) return
  const first = !destination.consumed
  destination.consumed = true
  destination.ordered ||= entry.what === "ordered queue" || (entry.what?.startsWith("partitioned") ?? false)
  destination.keepsAll ||= first && (entry.what?.endsWith("queue") === true || entry.what === "partitioned")
  destination.leaseMs = first ? (entry.leaseMs ?? 0) : Math.min(destination.leaseMs, entry.leaseMs ?? 0)
  destination.attemptsMax = first ? (entry.attemptsMax ?? 1) : Math.max(destination.attemptsMax, entry.attemptsMax ?? 1)
}

/** By hand: whatever was delivered so far may come again, and counts as a first time then. */
function beginAnew(destination: Destination): void {
  for (const [id, deliveries] of destination.deliveries) {
    const last = deliveries.at(-1) as Delivered
    last.redriven = true
    destination.redriven.add(id)
  }
}

function delivered(entry: Entry, at: number): Delivered {
  return {
    ...{ at, time: entry.at, process: entry.process, attempt: entry.attempt ?? 1 },
    ...{ handledAt: undefined, crashedAt: undefined, endAt: undefined, end: undefined, redriven: false },
  }
}

function end(destination: Destination, entry: Entry, at: number): void {
  const deliveries = destination.deliveries.get(entry.id ?? "") ?? []
  if (entry.event === "dead-lettered") destination.redriven.add(entry.id ?? "")
  const delivery = deliveries.findLast((one) => one.process === entry.process && one.attempt === entry.attempt)
  if (!delivery) return
  // A message that is given up without being handed out ends no delivery, least of all one of before it was sent again.
  if (delivery.end === "dead-lettered" && entry.event === "dead-lettered") return
  if (entry.event === "handled") {
    delivery.handledAt ??= at
    return
  }
  delivery.end = entry.event as NonNullable<Delivered["end"]>
  delivery.endAt = at
  delivery.redriven = entry.event === "dead-lettered"
}
