import { type Backoff, backoffMs } from "./backoff.ts"
import type { Source } from "./consumer.ts"
import type { BrokerContext } from "./context.ts"
import { bury } from "./dead-letters.ts"
import {
  claimDue,
  claimDueExcept,
  extendLeased,
  isLeased,
  type LeasedRow,
  nextDueAt,
  removeLeased,
  removeLeasedTogether,
  returnLeased,
} from "./deliveries.ts"
import type { Lease, Origin, Outcome, Settled } from "./delivery.ts"
import type { QueueRow } from "./queue-row.ts"

/** For whom a consumer leases, and how it retries. */
export interface LeasePolicy {
  readonly origin: Origin
  readonly leaseMs: number
  readonly attemptsMax: number
  readonly backoff: Backoff
}

/** Claims from one queue: a point-to-point queue, or a topic's subscription. */
export class QueueSource implements Source {
  readonly #context: BrokerContext
  readonly #queue: () => QueueRow
  readonly #policy: LeasePolicy

  constructor(context: BrokerContext, queue: () => QueueRow, policy: LeasePolicy) {
    this.#context = context
    this.#queue = queue
    this.#policy = policy
  }

  claim(max: number): Lease[] {
    return claimQueue(this.#context, this.#queue(), this.#policy, { max })
  }

  ackTogether(leases: readonly Lease[]): ReadonlySet<Lease> {
    const acked = new Set<Lease>()
    for (const claim of byClaim(leases as readonly QueueLease[])) {
      const rows = claim.map((lease) => lease.row)
      if (rows.length > 1 && removeLeasedTogether(this.#context.store, rows)) for (const lease of claim) acked.add(lease)
    }
    return acked
  }

  nextDueAt(): number | undefined {
    return nextDueAt(this.#context.store, this.#queue().id)
  }
}

/**
 * Claims until `max` deliveries are in hand or nothing more is due. One whose consumers died with it, as often as it may
 * be tried, is handed to no other: it is a dead letter, and takes nobody's place.
 */
export function claimQueue(
  context: BrokerContext,
  queue: QueueRow,
  policy: LeasePolicy,
  options: { max: number; busyKeys?: readonly string[]; partition?: number },
): Lease[] {
  const { max, busyKeys = [], partition } = options
  const leases: QueueLease[] = []
  let gaveUp = false
  while (leases.length < max) {
    const asked = max - leases.length
    const rows = claimRows(context, queue, policy, { max: asked, busyKeys })
    const claimed = rows.map((row) => new QueueLease(context, queue, policy, row, partition))
    const wornOut = claimed.filter((lease) => lease.row.attempt > policy.attemptsMax)
    for (const lease of wornOut) lease.giveUp()
    leases.push(...claimed.filter((lease) => lease.row.attempt <= policy.attemptsMax))
    // One that was given up may have been the head of its key, and the next of the key is due now.
    if (rows.length < asked && wornOut.length === 0) break
    gaveUp ||= wornOut.length > 0
  }
  if (gaveUp) leases.sort((one, other) => one.row.message - other.row.message)
  return leases
}

function claimRows(
  { store }: BrokerContext,
  queue: QueueRow,
  { leaseMs }: LeasePolicy,
  { max, busyKeys }: { max: number; busyKeys: readonly string[] },
): LeasedRow[] {
  const until = Math.ceil(store.now() + leaseMs)
  return busyKeys.length > 0 ? claimDueExcept(store, queue, { max, until, busyKeys }) : claimDue(store, queue, { max, until })
}

/** What was leased together. In an ordered queue each takes its own next of the key along, so those are settled one by one. */
function byClaim(leases: readonly QueueLease[]): QueueLease[][] {
  const claims: QueueLease[][] = []
  let last: LeasedRow | undefined
  for (const lease of leases) {
    const { row } = lease
    if (row.order_key !== null) continue
    if (row.token === last?.token && row.attempt === last.attempt && row.visible_at === last.visible_at) claims.at(-1)?.push(lease)
    else claims.push([lease])
    last = row
  }
  return claims
}

export class QueueLease implements Lease {
  readonly row: LeasedRow
  declare readonly partition?: number
  declare readonly offset?: number
  readonly #context: BrokerContext
  readonly #queue: QueueRow
  readonly #policy: LeasePolicy

  constructor(context: BrokerContext, queue: QueueRow, policy: LeasePolicy, row: LeasedRow, partition?: number) {
    this.row = row
    if (partition !== undefined) this.partition = partition
    if (row.position !== null) this.offset = row.position
    this.#context = context
    this.#queue = queue
    this.#policy = policy
  }

  settle(outcome: Outcome): Settled {
    if (outcome.kind === "ack") return this.#remove("acked")
    if (outcome.kind === "dead-letter") return this.#bury(outcome.reason)
    if (this.row.attempt >= this.#policy.attemptsMax) return this.#bury(outcome.reason ?? "refused")
    const { store } = this.#context
    const delayMs = outcome.delayMs ?? backoffMs(this.row.attempt, this.#policy.backoff, store.random)
    if (!returnLeased(store, this.row, store.now() + delayMs)) return "lost"
    this.#wakeOthers()
    return "nacked"
  }

  extend(until: number): boolean {
    const { store } = this.#context
    const visibleAt = Math.ceil(until)
    if (!extendLeased(store, this.row, visibleAt)) return false
    store.afterCommit(() => {
      this.row.visible_at = visibleAt
    })
    return true
  }

  isHeld(): boolean {
    return isLeased(this.#context.store, this.row)
  }

  /** For a delivery that no handler may see any more. */
  giveUp(): void {
    const reason = `no attempt ended: ${this.#policy.attemptsMax} deliveries, and each consumer was gone before it settled`
    if (!removeLeased(this.#context.store, this.row)) return
    bury(this.#context.store, { ...this.row, attempt: this.#policy.attemptsMax }, reason)
    this.#context.store.afterCommit(() =>
      this.#context.events.tell("dead-lettered", () => ({
        ...this.#policy.origin,
        messageId: this.row.message_id,
        attempt: this.#policy.attemptsMax,
        reason,
        time: this.#context.store.now(),
      })),
    )
  }

  #bury(reason: string): Settled {
    const settled = this.#remove("dead-lettered")
    if (settled !== "lost") bury(this.#context.store, this.row, reason)
    return settled
  }

  #remove(settled: Settled): Settled {
    if (!removeLeased(this.#context.store, this.row)) return "lost"
    // The next message of the key became due, and its consumer may be another one.
    if (this.row.order_key !== null) this.#wakeOthers()
    return settled
  }

  #wakeOthers(): void {
    this.#context.store.afterCommit(() => this.#context.wake.signal(this.#queue.channel))
  }
}
