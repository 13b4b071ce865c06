import type { Anomaly, AnomalyKind } from "./anomaly.ts"
import { type Delivered, type Destination, type Index, indexed, type Sent } from "./deliveries-index.ts"
import type { Entry } from "./history.ts"

/** What waits in the files once a run is over. `queue` is a subscription's or group's name, or "". */
export type Stored = (channel: string, queue: string, id: string) => boolean

interface Found extends Anomaly {
  /** Where in the history it became true. */
  readonly at: number
}

/**
 * Judges a history by what a broker promises, with no knowledge of how it works. An operation is known to have
 * happened, known not to have happened, or unknown (its process died before it was told): what is unknown may have gone
 * either way, and everything that follows must fit one of the two. Returns the first thing that went wrong.
 */
export function firstAnomaly(history: readonly Entry[], stored: Stored): Anomaly | undefined {
  const index = indexed(history)
  const found = [
    ...phantoms(index),
    ...repetitions(index),
    ...tooEarly(index),
    ...tooLate(index),
    ...overtakings(index),
    ...doubleOwners(history),
    ...backwardCursors(history),
    ...losses(index, stored, history.length),
  ]
  return found.sort((one, other) => one.at - other.at)[0]
}

/** No message from nowhere: what is delivered was sent, and not by a send that is known to have failed. */
function* phantoms({ destinations, sends, anonymousSends }: Index): Generator<Found> {
  for (const destination of destinations) {
    for (const [id, deliveries] of destination.deliveries) {
      const sent = sends.get(destination.channel)?.get(id)
      if (sent?.outcome === "ok" || sent?.outcome === "unknown") continue
      if (!sent && anonymousSends.has(destination.channel)) continue
      const why = sent ? ["though its send failed", "전송에 실패했는데도"] : ["though nobody sent it", "아무도 보내지 않았는데도"]
      yield found(
        "PHANTOM",
        id,
        deliveries[0]?.at,
        `was delivered by ${name(destination)}, ${why[0]}`,
        `${why[1]} ${name(destination)}에서 전달됨`,
      )
    }
  }
}

/** A settled message stays settled, no attempt is counted twice or beyond the limit, and at most one live lease exists. */
function* repetitions({ destinations, clockJumps, disturbed }: Index): Generator<Found> {
  for (const destination of destinations) {
    // A group's member holds what it was handed as long as its membership, which may have begun before.
    const grouped = destination.group !== undefined
    for (const [id, deliveries] of destination.deliveries) {
      for (const [turn, delivery] of deliveries.entries()) {
        const before = deliveries[turn - 1]
        const at = delivery.at
        if (delivery.attempt > destination.attemptsMax) {
          yield found(
            "DUPLICATED",
            id,
            at,
            `was delivered ${delivery.attempt} times, and ${destination.attemptsMax} are allowed`,
            `최대 ${destination.attemptsMax}번인데 ${delivery.attempt}번 전달됨`,
          )
        }
        if (before === undefined || before.redriven) continue
        if (before.end === "acked") {
          yield found("DUPLICATED", id, at, "was delivered again after it had been acknowledged", "확인 응답(ack)한 뒤에 다시 전달됨")
        } else if (delivery.attempt <= before.attempt) {
          yield found(
            "DUPLICATED",
            id,
            at,
            `was delivered twice as attempt ${delivery.attempt}`,
            `${delivery.attempt}번째 시도로 두 번 전달됨`,
          )
        } else if (!clockJumps && !(grouped && disturbed.has(before.process)) && holds(before, delivery, destination)) {
          yield found(
            "DUPLICATED",
            id,
            at,
            `was handed to ${delivery.process} while ${before.process} still held its lease`,
            `${before.process}의 임대(lease)가 끝나기 전에 ${delivery.process}에게도 전달됨`,
          )
        }
      }
    }
  }
}

/** Whether the earlier holder's lease was certainly still running when the later one got the message. */
function holds(before: Delivered, later: Delivered, destination: Destination): boolean {
  const over = before.endAt ?? before.crashedAt
  return (over === undefined || over > later.at) && later.time < before.time + destination.leaseMs
}

/** Nothing is acknowledged before its handler is done. */
function* tooEarly({ destinations }: Index): Generator<Found> {
  for (const destination of destinations) {
    for (const [id, deliveries] of destination.deliveries) {
      for (const delivery of deliveries) {
        if (delivery.end !== "acked" || delivery.handledAt !== undefined || !destination.observed) continue
        yield found("LOST", id, delivery.endAt, "was acknowledged before its handler was done", "핸들러가 끝나기 전에 확인 응답(ack)됨")
      }
    }
  }
}

/** Who lost its lease settles nothing any more. */
function* tooLate({ destinations }: Index): Generator<Found> {
  for (const destination of destinations) {
    for (const [id, deliveries] of destination.deliveries) {
      for (const [turn, { end, endAt, process, attempt }] of deliveries.entries()) {
        const next = deliveries[turn + 1]
        if (next === undefined || endAt === undefined || endAt < next.at || end === "lease-lost") continue
        const en = `was settled by ${process} as attempt ${attempt} (${end}), after it had been handed to ${next.process} as attempt ${next.attempt}`
        const ko = `${next.process}에게 ${next.attempt}번째 시도로 넘어간 뒤에 ${process}의 ${attempt}번째 시도가 처리를 확정함(${end})`
        yield found("DUPLICATED", id, endAt, en, ko)
      }
    }
  }
}

/**
 * Messages of one key, as one sender sent them: none is handed out while an earlier one is not done with, and none
 * comes back once a later one was handed out. Of different senders nobody knows who was first.
 */
function* overtakings({ destinations, sends }: Index): Generator<Found> {
  for (const destination of destinations.filter(({ ordered }) => ordered)) {
    const bySender = new Map<string, Sent[]>()
    for (const sent of sends.get(destination.channel)?.values() ?? []) {
      if (sent.key === undefined || sent.unordered) continue
      const line = `${sent.sender} ${sent.key}`
      bySender.set(line, [...(bySender.get(line) ?? []), sent])
    }
    for (const line of bySender.values()) yield* overtakingsIn(destination, line)
  }
}

function* overtakingsIn(destination: Destination, line: readonly Sent[]): Generator<Found> {
  const delivered = line.filter(({ id }) => destination.deliveries.has(id) && !destination.redriven.has(id))
  for (const [place, later] of delivered.entries()) {
    const earlier = delivered[place - 1]
    if (!earlier) continue
    const deliveries = destination.deliveries.get(earlier.id) as Delivered[]
    const first = (destination.deliveries.get(later.id) as Delivered[])[0] as Delivered
    const straggler = deliveries.find((delivery) => delivery.at > first.at)
    const open = deliveries.find((delivery) => delivery.at < first.at && !doneBefore(delivery, deliveries, first.at))
    if (straggler) {
      yield found(
        "REORDERED",
        earlier.id,
        straggler.at,
        `was delivered by ${name(destination)} after "${later.id}", which was sent later with the same key`,
        `같은 키로 나중에 보낸 "${later.id}" 뒤에 ${name(destination)}에서 전달됨`,
      )
    } else if (open) {
      yield found(
        "REORDERED",
        later.id,
        first.at,
        `was handed out before "${earlier.id}" of the same key was done with`,
        `같은 키의 앞선 메시지 "${earlier.id}"가 끝나기 전에 전달됨`,
      )
    }
  }
}

/** Settled, or handled by a process whose crash may have hidden that it was settled, or handed out anew since. */
function doneBefore(delivery: Delivered, all: readonly Delivered[], at: number): boolean {
  if (delivery.endAt !== undefined && delivery.endAt < at && delivery.end !== "nacked") return true
  if (delivery.crashedAt !== undefined && delivery.crashedAt < at && delivery.handledAt !== undefined) return true
  const next = all[all.indexOf(delivery) + 1]
  return next !== undefined && next.at < at
}

/** One partition has one owner in a generation. */
function* doubleOwners(history: readonly Entry[]): Generator<Found> {
  const owners = new Map<string, string>()
  for (const [at, entry] of history.entries()) {
    if (entry.event !== "committed" || entry.generation === undefined) continue
    const partition = `${entry.channel}/${entry.group}/${entry.partition}/${entry.generation}`
    const owner = owners.get(partition) ?? entry.process
    owners.set(partition, owner)
    if (owner === entry.process) continue
    const [en, ko] = [
      `has two owners in generation ${entry.generation}: ${owner} and ${entry.process}`,
      `세대 ${entry.generation}에서 주인이 둘: ${owner}, ${entry.process}`,
    ]
    yield {
      kind: "DUPLICATED",
      at,
      text: {
        en: `Partition ${entry.partition} of "${entry.channel}" ${en}.`,
        ko: `"${entry.channel}"의 파티션 ${entry.partition}: ${ko}.`,
      },
    }
  }
}

/** A group's cursor moves forwards only, unless somebody set it. */
function* backwardCursors(history: readonly Entry[]): Generator<Found> {
  const cursors = new Map<string, number>()
  for (const [at, entry] of history.entries()) {
    if (entry.event === "sought") cursors.clear()
    if (entry.event !== "committed" || entry.offset === undefined) continue
    const partition = `${entry.channel}/${entry.group}/${entry.partition}`
    const before = cursors.get(partition) ?? -1
    cursors.set(partition, entry.offset)
    if (entry.offset >= before) continue
    const [en, ko] = [`went back from ${before} to ${entry.offset}`, `${before}에서 ${entry.offset}(으)로 되돌아감`]
    yield {
      kind: "DUPLICATED",
      at,
      text: {
        en: `The cursor of group "${entry.group}" in partition ${entry.partition} of "${entry.channel}" ${en}.`,
        ko: `"${entry.channel}" 파티션 ${entry.partition}, 그룹 "${entry.group}"의 커서: ${ko}.`,
      },
    }
  }
}

/** At last, every accepted message was handled or given up by every destination that it was owed to. */
function* losses({ destinations, sends }: Index, stored: Stored, end: number): Generator<Found> {
  for (const destination of destinations.filter(({ observed }) => observed)) {
    for (const sent of sends.get(destination.channel)?.values() ?? []) {
      if (sent.outcome !== "ok" || !owed(sent, destination) || settled(destination, sent.id)) continue
      const where = name(destination)
      if (stored(destination.channel, destination.subscription ?? destination.group ?? "", sent.id)) {
        if (destination.consumed)
          yield found("STUCK", sent.id, end, `was accepted and still waits in ${where}`, `접수되었지만 ${where}에 남아 있음`)
      } else if (!perhapsSettled(destination, sent.id)) {
        yield found(
          "LOST",
          sent.id,
          end,
          `was accepted, and ${where} neither handled it nor gave it up`,
          `접수되었지만 ${where}에서 처리되지도 포기되지도 않고 사라짐`,
        )
      }
    }
  }
}

function owed(sent: Sent, destination: Destination): boolean {
  if (destination.until < Number.POSITIVE_INFINITY) return false
  return destination.keepsAll || sent.at > destination.since
}

function settled({ deliveries, redriven }: Destination, id: string): boolean {
  if (redriven.has(id)) return true
  return deliveries.get(id)?.some(({ end }) => end === "acked" || end === "dead-lettered") ?? false
}

/** The process died between handling the message and telling that it had acknowledged it. */
function perhapsSettled({ deliveries, attemptsMax }: Destination, id: string): boolean {
  return (
    deliveries
      .get(id)
      ?.some((delivery) => delivery.crashedAt !== undefined && (delivery.handledAt !== undefined || delivery.attempt >= attemptsMax)) ??
    false
  )
}

function name({ channel, subscription, group }: Destination): string {
  return `"${[channel, subscription ?? group].filter((part) => part !== undefined).join("/")}"`
}

function found(kind: AnomalyKind, id: string, at: number | undefined, en: string, ko: string): Found {
  return { kind, id, at: at ?? 0, text: { en: `Message "${id}" ${en}.`, ko: `메시지 "${id}": ${ko}.` } }
}
