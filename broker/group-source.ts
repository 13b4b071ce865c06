import type { Source } from "./consumer.ts"
import type { BrokerContext } from "./context.ts"
import { aheadMax, Cursor, type CursorRow, findCursor, saveCursor } from "./cursor.ts"
import { hasKey, hasLeases, nextDueAt } from "./deliveries.ts"
import type { Lease } from "./delivery.ts"
import { type GroupRow, isWantedElsewhere, joinGroup, leaveGroup, nextExpiry, releasePartition, stayInGroup } from "./group.ts"
import { rebalanceGroup, retryQueue, setAside } from "./group-retry.ts"
import { hasMessageFrom, keysFrom, type LogRow, type PartitionRow, readLog, readLogAt, readLogFrom } from "./log.ts"
import { LogLease } from "./log-lease.ts"
import { claimQueue, type LeasePolicy } from "./queue-source.ts"
import { boundInteger } from "./storage/store.ts"

type PartitionPlace = Pick<PartitionRow, "id" | "number" | "start_offset">

/** A partition that this member owns, with the group's cursor in it. */
interface OwnedPartition extends PartitionPlace, CursorRow {
  wanted: number | null
  /** The group's retry queue for the partition, if anything in it ever failed. */
  retries: number | null
}

const selectOwned = `
  SELECT p.id, p.number, p.start_offset, a.wanted, c.partition, c.generation, c.committed, c.ahead, q.id AS retries
  FROM waystation_assignment a
  JOIN waystation_partition p ON p.id = a.partition
  JOIN waystation_cursor c ON c.group_id = a.group_id AND c.partition = a.partition
  LEFT JOIN waystation_queue q ON q.channel = p.channel AND q.subscription = p.number || '/' || ?
  WHERE a.group_id = ${boundInteger} AND a.owner = ${boundInteger}`

/** How many keys a claim reads ahead at a time. */
const keysPerRead = 64

/**
 * One member of a consumer group: claims from the partitions it owns, one message of a key at a time, and keeps the group
 * informed that it lives. Nothing that matters is remembered here: each claim begins with what the file says.
 */
export class GroupSource implements Source {
  readonly #context: BrokerContext
  readonly #group: GroupRow
  readonly #policy: LeasePolicy
  #member: number
  #turn = 0
  /** When another member's time is over, as of the last look. */
  #expiry: number | undefined

  /** Joins the group, in the transaction that is open. */
  constructor(context: BrokerContext, group: GroupRow, policy: LeasePolicy) {
    this.#context = context
    this.#group = group
    this.#policy = policy
    this.#member = this.#join()
  }

  get assigned(): number[] {
    if (!this.#context.store.database.open) return []
    const owned = this.#context.store.read(() => this.#owned())
    return owned.map((partition) => partition.number).sort((one, other) => one - other)
  }

  claim(max: number): Lease[] {
    if (this.#expiry !== undefined && this.#expiry <= this.#context.store.now()) this.#rebalance()
    let owned = this.#owned()
    const wantedElsewhere = owned.filter((partition) => partition.wanted !== this.#member)
    if (wantedElsewhere.length > 0) {
      this.#release(wantedElsewhere)
      // Letting go deals the partitions out anew, and may take this member's away as well.
      owned = this.#owned()
    }
    const kept = owned.filter((partition) => partition.wanted === this.#member)

    const leases: Lease[] = []
    this.#turn++
    for (let index = 0; index < kept.length; index++) {
      // Each claim begins with another partition: a busy one does not keep a quiet one waiting.
      const partition = kept[(index + this.#turn) % kept.length] as OwnedPartition
      leases.push(...this.#claimFrom(partition, max - leases.length))
    }
    return leases
  }

  nextDueAt(): number | undefined {
    const { store } = this.#context
    const times = this.#owned().map((partition) => this.#partitionDueAt(partition))
    this.#expiry = nextExpiry(store, this.#group.id, this.#member)
    times.push(this.#expiry)
    const known = times.filter((time) => time !== undefined)
    return known.length === 0 ? undefined : Math.min(...known)
  }

  /** A partition that is wanted elsewhere goes as soon as nothing of it is in progress, also while every hand is busy. */
  mustLetGo(): boolean {
    return this.#context.store.read(() => isWantedElsewhere(this.#context.store, this.#group.id, this.#member))
  }

  /** One write for each partition, instead of one for each message. */
  ackTogether(leases: readonly Lease[]): ReadonlySet<Lease> {
    const { store } = this.#context
    const cursors = new Map<number, { place: PartitionPlace; cursor: Cursor }>()
    const acked = new Set<Lease>()
    for (const lease of leases) {
      if (!(lease instanceof LogLease)) continue
      const { partition: id, generation, position } = lease.owned
      const found = cursors.get(id) ?? {
        place: { id, number: lease.partition, start_offset: 0 },
        cursor: new Cursor(findCursor(store, this.#group.id, id)),
      }
      cursors.set(id, found)
      if (found.cursor.generation !== generation || !found.cursor.isStarted(position)) continue
      found.cursor.mark(position, "d")
      acked.add(lease)
    }
    // Where nothing was acknowledged, the partition may be another's by now.
    // Where something was, the claim that follows passes over what retention took away.
    for (const { place, cursor } of cursors.values()) if (cursor.changed) this.#advance(place, cursor)
    return acked
  }

  renew(): void {
    const { store } = this.#context
    if (!stayInGroup(store, this.#member, this.#leaseEnd())) this.#member = this.#join()
    else this.#rebalance()
  }

  leave(): void {
    // A handler outlived the grace: its partition stays with it until its lease ends, so that no other runs beside it.
    if (this.#owned().some((partition) => this.#isBusy(partition))) return
    for (const partition of this.#owned()) this.#advance(partition, new Cursor(partition))
    leaveGroup(this.#context.store, this.#member)
    this.#rebalance()
  }

  #join(): number {
    const member = joinGroup(this.#context.store, this.#group.id, this.#leaseEnd())
    this.#rebalance()
    return member
  }

  #rebalance(): void {
    this.#expiry = undefined
    rebalanceGroup(this.#context, this.#policy.origin.channel, this.#group)
  }

  #leaseEnd(): number {
    return Math.ceil(this.#context.store.now() + this.#policy.leaseMs)
  }

  #owned(): OwnedPartition[] {
    return this.#context.store.sql<OwnedPartition>(selectOwned).all(this.#group.name, this.#group.id, this.#member)
  }

  /** Lets go of what others want, as soon as nothing of it is in progress. */
  #release(partitions: OwnedPartition[]): void {
    const idle = partitions.filter((partition) => !this.#isBusy(partition))
    for (const partition of idle) {
      this.#advance(partition, new Cursor(partition))
      releasePartition(this.#context.store, this.#group.id, partition.id)
    }
    if (idle.length > 0) this.#rebalance()
  }

  #isBusy(partition: OwnedPartition): boolean {
    return partition.ahead.includes("s") || (partition.retries !== null && hasLeases(this.#context.store, partition.retries))
  }

  #claimFrom(partition: OwnedPartition, max: number): Lease[] {
    const cursor = new Cursor(partition)
    const busy = new Set(cursor.started.map((position) => this.#keyAt(partition, position)))
    const retries = max > 0 ? this.#claimRetries(partition, max, busy) : []
    const fresh = this.#claimFresh(partition, cursor, max - retries.length, busy)
    this.#advance(partition, cursor)
    return [...retries, ...fresh]
  }

  #claimRetries(partition: OwnedPartition, max: number, busy: ReadonlySet<string>): Lease[] {
    if (partition.retries === null) return []
    const queue = retryQueue(this.#context.store, this.#group, partition.number)
    return claimQueue(this.#context, queue, this.#policy, { max, busyKeys: [...busy], partition: partition.number })
  }

  #claimFresh(partition: OwnedPartition, cursor: Cursor, max: number, busy: Set<string>): Lease[] {
    const waiting = this.#takeWaiting(partition, cursor, max, busy)
    const unseen = this.#takeUnseen(partition, cursor, max - waiting.length, busy)
    return [...waiting, ...unseen].map((row) => new LogLease(this.#context, this.#group, partition, row, this.#policy, this.#member))
  }

  /** Of what was left for later, that whose key is free now. By the keys alone: a body is read when its handler starts. */
  #takeWaiting(partition: OwnedPartition, cursor: Cursor, max: number, busy: Set<string>): LogRow[] {
    const { store } = this.#context
    const { end } = cursor
    const taken: number[] = []
    for (let position = cursor.next; position < end && taken.length < max; ) {
      const rows = keysFrom(store, partition.id, position, Math.min(end - position, keysPerRead))
      for (const row of rows) {
        if (taken.length === max) break
        if (cursor.isWaiting(row.position) && this.#take(partition, cursor, row, busy)) taken.push(row.position)
      }
      position = (rows.at(-1)?.position ?? end) + 1
    }
    return taken.length === 0 ? [] : readLogAt(store, partition.id, taken)
  }

  /** Reads on in the log: whole messages, because most of them start at once. */
  #takeUnseen(partition: OwnedPartition, cursor: Cursor, max: number, busy: Set<string>): LogRow[] {
    const { store } = this.#context
    const taken: LogRow[] = []
    let position = cursor.end
    while (taken.length < max) {
      const limit = Math.min(max - taken.length, cursor.committed + aheadMax - position)
      const rows = limit > 0 ? readLogFrom(store, partition.id, position, limit) : []
      taken.push(...rows.filter((row) => this.#take(partition, cursor, row, busy)))
      if (rows.length < limit || limit <= 0) break
      position = (rows.at(-1) as LogRow).position + 1
    }
    return taken
  }

  /** A message whose key is in progress is left for later; one whose key failed joins it. */
  #take(partition: OwnedPartition, cursor: Cursor, { position, key }: { position: number; key: string }, busy: Set<string>): boolean {
    const { store } = this.#context
    if (partition.retries !== null && hasKey(store, partition.retries, key)) {
      const row = readLog(store, partition.id, position) as LogRow
      setAside(store, this.#group, partition.number, row, { attempt: 0, visibleAt: store.now() })
      cursor.mark(position, "d")
      return false
    }
    if (busy.has(key)) {
      cursor.mark(position, ".")
      return false
    }
    busy.add(key)
    cursor.mark(position, "s")
    return true
  }

  #advance(partition: PartitionPlace, cursor: Cursor): void {
    const { store, events } = this.#context
    const moved = cursor.advance(partition.start_offset)
    if (cursor.changed) saveCursor(store, this.#group.id, partition.id, cursor)
    if (!moved) return
    const { committed } = cursor
    store.afterCommit(() =>
      events.tell("committed", () => ({
        ...this.#policy.origin,
        partition: partition.number,
        offset: committed,
        generation: cursor.generation,
        time: store.now(),
      })),
    )
  }

  #partitionDueAt(partition: OwnedPartition): number | undefined {
    const { store } = this.#context
    const busy = this.#isBusy(partition)
    if (partition.wanted !== this.#member) return busy ? undefined : store.now()
    const unseen = partition.ahead.length < aheadMax && hasMessageFrom(store, partition.id, partition.committed + partition.ahead.length)
    if (unseen || (!busy && partition.ahead.includes("."))) return store.now()
    return partition.retries === null ? undefined : nextDueAt(store, partition.retries)
  }

  #keyAt(partition: OwnedPartition, position: number): string {
    const row = keysFrom(this.#context.store, partition.id, position, 1)[0]
    return row?.position === position ? row.key : ""
  }
}
