import type { Chip, Lane, ProcessState, Scene, TraceEntry } from "./scene.ts"

interface WaitingLane {
  readonly name: string
  readonly partition: number | undefined
  readonly outbox: boolean
  readonly waiting: Chip[]
}

interface Holder {
  crashed: boolean
  readonly hand: Chip[]
  readonly owns: Set<number>
}

/** The state that a trace's entries change, one after another. What it does not know it leaves alone. */
export class Stage {
  readonly #lanes = new Map<string, WaitingLane>()
  readonly #processes = new Map<string, Holder>()
  readonly #done: Chip[] = []
  readonly #dead: Chip[] = []
  /** The lane of each message, to which it returns. */
  readonly #homes = new Map<string, string>()
  /** How long a lease is, by channel and subscription or group. */
  readonly #leases = new Map<string, number>()
  #generation: number | undefined

  scene(): Scene {
    const lanes = [...this.#lanes.values()].map(({ name, partition, outbox, waiting }): Lane => {
      return { name, ...(partition !== undefined && { partition }), ...(outbox && { outbox }), waiting: [...waiting] }
    })
    const outboxFirst = (one: Lane, other: Lane) => Number(other.outbox ?? false) - Number(one.outbox ?? false)
    const byPartition = lanes.sort(
      (one, other) => outboxFirst(one, other) || one.name.localeCompare(other.name) || (one.partition ?? 0) - (other.partition ?? 0),
    )
    const processes = [...this.#processes].map(([id, { crashed, hand, owns }]): ProcessState => {
      return { id, crashed, hand: [...hand], owns: [...owns].sort((one, other) => one - other) }
    })
    return { lanes: byPartition, processes, done: [...this.#done], dead: [...this.#dead], generation: this.#generation }
  }

  /** A message is in its channel from here on. */
  sent(message: string, entry: TraceEntry): void {
    if (this.#homes.has(message)) {
      if (entry.partition !== undefined) this.#moveHome(message, entry)
      return
    }
    const lane = this.#lane(entry)
    this.#homes.set(message, lane)
    this.#lanes.get(lane)?.waiting.push({ id: message, label: message, key: entry.key, attempt: 1 })
  }

  /** A row of an outbox, beside the message that the relay makes of it: between the two a crash may come. */
  stored(message: string, { file = "", key }: TraceEntry): void {
    const id = JSON.stringify(["outbox", file])
    const lane = this.#lanes.get(id) ?? { name: file, partition: undefined, outbox: true, waiting: [] }
    this.#lanes.set(id, lane)
    if (!lane.waiting.some((row) => row.label === message)) lane.waiting.push({ id: `outbox ${message}`, label: message, key, attempt: 1 })
  }

  /** The row is marked as published, or was taken back. */
  unstored(message: string): void {
    for (const { outbox, waiting } of this.#lanes.values()) {
      const at = outbox ? waiting.findIndex((row) => row.label === message) : -1
      if (at >= 0) waiting.splice(at, 1)
    }
  }

  subscribed(entry: TraceEntry): void {
    if (entry.leaseMs !== undefined) this.#leases.set(destinationOf(entry), entry.leaseMs)
  }

  /** Of the dead nobody renews the leases: what they had in hand is back when these end. */
  expire(now: number): void {
    for (const { crashed, hand } of this.#processes.values()) {
      for (const chip of crashed ? [...hand] : []) {
        if (chip.leaseEndsAt === undefined || chip.leaseEndsAt > now) continue
        hand.splice(hand.indexOf(chip), 1)
        this.#lanes.get(this.#homes.get(chip.id) ?? "")?.waiting.unshift({ ...chip, attempt: chip.attempt + 1, leaseEndsAt: undefined })
      }
    }
  }

  taken(message: string, entry: TraceEntry): void {
    const holder = this.#process(entry.process)
    if (holder.hand.some((chip) => chip.id === message)) return
    const before = this.#takeOut(message)
    const again = before ?? this.#done.findLast((chip) => chip.id === message)
    const attempt = entry.attempt ?? (again ? again.attempt + (before ? 0 : 1) : 1)
    const leaseMs = entry.leaseMs ?? this.#leases.get(destinationOf(entry))
    const leaseEndsAt = leaseMs === undefined ? undefined : entry.at + leaseMs
    holder.hand.push({
      id: message,
      label: message,
      key: entry.key ?? again?.key,
      attempt,
      ...(leaseEndsAt !== undefined && { leaseEndsAt }),
    })
    if (!this.#homes.has(message)) this.#homes.set(message, this.#lane(entry))
  }

  finished(message: string, entry: TraceEntry): void {
    const chip = this.#takeOut(message, entry.process) ?? { id: message, label: message, key: entry.key, attempt: entry.attempt ?? 1 }
    this.#done.push(chip)
  }

  returned(message: string, entry: TraceEntry): void {
    const chip = this.#takeOut(message, entry.process)
    const home = this.#homes.get(message)
    if (chip && home) this.#lanes.get(home)?.waiting.unshift({ ...chip, attempt: chip.attempt + 1 })
  }

  buried(message: string, entry: TraceEntry): void {
    const chip = this.#takeOut(message, entry.process)
    if (chip) this.#dead.push(chip)
  }

  holds(process: string, message: string): boolean {
    return this.#processes.get(process)?.hand.some((chip) => chip.id === message) ?? false
  }

  /** What it has in hand stays there until somebody else is given it: its lease still runs. */
  crashed(process: string): void {
    this.#process(process).crashed = true
  }

  lives({ process, partition }: TraceEntry): void {
    if (process === "") return
    const holder = this.#process(process)
    holder.crashed = false
    if (partition !== undefined) holder.owns.add(partition)
  }

  released({ process, partition }: TraceEntry): void {
    if (partition !== undefined) this.#process(process).owns.delete(partition)
  }

  counted(generation: number | undefined): void {
    this.#generation = generation ?? this.#generation
  }

  #process(id: string): Holder {
    const known = this.#processes.get(id) ?? { crashed: false, hand: [], owns: new Set() }
    this.#processes.set(id, known)
    return known
  }

  #lane({ channel: name = "", partition }: TraceEntry): string {
    const id = JSON.stringify([name, partition])
    if (!this.#lanes.has(id)) this.#lanes.set(id, { name, partition, outbox: false, waiting: [] })
    return id
  }

  /** The partition is known only when the message is in it. */
  #moveHome(message: string, entry: TraceEntry): void {
    const lane = this.#lane(entry)
    const old = this.#homes.get(message)
    if (old === lane) return
    const waiting = this.#lanes.get(old ?? "")?.waiting ?? []
    const at = waiting.findIndex((chip) => chip.id === message)
    const [chip] = at >= 0 ? waiting.splice(at, 1) : []
    this.#homes.set(message, lane)
    if (chip) this.#lanes.get(lane)?.waiting.push(chip)
    if (old && waiting.length === 0) this.#lanes.delete(old)
  }

  /** Out of the lane, or of that process's hand; without one, of the hand of the dead: what two have in hand at once is seen with both. */
  #takeOut(message: string, process?: string): Chip | undefined {
    const hands = [...this.#processes]
      .filter(([id, { crashed }]) => (process === undefined ? crashed : id === process))
      .map(([, holder]) => holder.hand)
    const lane = this.#lanes.get(this.#homes.get(message) ?? "")?.waiting ?? []
    for (const chips of [...hands, lane]) {
      const at = chips.findIndex((chip) => chip.id === message)
      if (at >= 0) return chips.splice(at, 1)[0]
    }
    return undefined
  }
}

function destinationOf({ channel, subscription, group }: TraceEntry): string {
  return JSON.stringify([channel, subscription ?? group])
}
