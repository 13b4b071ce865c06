/** Where everything is at one moment of a run. Plain data: a picture, a list of words and a test all read the same. */
export interface Scene {
  /** Outboxes, queues, subscriptions, partitions: what waits there, in order. */
  readonly lanes: readonly Lane[]
  readonly processes: readonly ProcessState[]
  /** In the order in which they were done; the same one again is a second time. */
  readonly done: readonly Chip[]
  readonly dead: readonly Chip[]
  readonly generation: number | undefined
}

export interface Lane {
  readonly name: string
  readonly partition?: number
  /** An outbox in a service's database, by the file's name: its rows wait for the relay. */
  readonly outbox?: boolean
  readonly waiting: readonly Chip[]
}

export interface ProcessState {
  /** As the trace names it. */
  readonly id: string
  readonly crashed: boolean
  readonly hand: readonly Chip[]
  readonly owns: readonly number[]
}

/** A message, or a copy of it for one subscription or group. */
export interface Chip {
  readonly id: string
  readonly label: string
  readonly key?: string | undefined
  /** Which delivery this is; from the second on it is a redelivery. */
  readonly attempt: number
  /** In a hand: when the lease ends, if it is known. */
  readonly leaseEndsAt?: number | undefined
}

/** An entry of a trace, of the fault kit or of an exercise's test. */
export interface TraceEntry {
  readonly at: number
  readonly process: string
  readonly event: string
  readonly channel?: string
  readonly id?: string
  readonly key?: string
  readonly message?: string
  /** The database of an outbox. */
  readonly file?: string
  readonly leaseMs?: number
  readonly partition?: number
  readonly subscription?: string
  readonly group?: string
  readonly generation?: number
  readonly attempt?: number
  readonly who?: Sentence
  readonly words?: Sentence
  readonly anomaly?: string
}

export interface Sentence {
  readonly ko: string
  readonly en: string
}

export interface Frame {
  /** What has just happened. */
  readonly entry: TraceEntry
  readonly scene: Scene
}
