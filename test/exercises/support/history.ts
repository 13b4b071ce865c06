import type { Words } from "./language.ts"

/**
 * One thing that happened, in the form of a trace's entry (see `waystation/testing`), and for the learner the message's
 * name and a sentence.
 */
export interface Step {
  /** Virtual milliseconds since the run began. */
  readonly at: number
  /** Who: "kitchen A". */
  readonly process: string
  /** What: one of the broker's events, or "send", "begun", "finished", "refused", "crashed", … */
  readonly event: string
  readonly channel?: string
  /** The message's id. */
  readonly id?: string
  /** What must stay in order with it. */
  readonly key?: string
  /** Shard or partition. */
  readonly partition?: number
  readonly offset?: number
  readonly generation?: number
  readonly attempt?: number
  /** The message as the learner reads it: "order-7 created". */
  readonly message?: string
  /** The same as `process`, as the learner reads it. */
  readonly who?: Words
  /** The sentence that a failure tells. A step without one stands in the trace only. */
  readonly words?: Words
}

/** A message as the learner reads it, and what must stay in order with it. */
export interface Named {
  readonly message: string
  readonly key?: string
}

/** Everything that happened in one run, in order. */
export class History {
  readonly steps: Step[] = []
  /** What the messages are called, by id: a broker's events know only the ids. */
  readonly names = new Map<string, Named>()
  readonly #now: () => number
  readonly #began: number

  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  get now(): number {
    return this.#now() - this.#began
  }

  add(step: Omit<Step, "at">): Step {
    const added = { at: this.now, ...this.names.get(step.id ?? ""), ...step }
    this.steps.push(added)
    return added
  }

  of(...events: readonly string[]): Step[] {
    return this.steps.filter((step) => events.includes(step.event))
  }

  /** The entries of a trace: a message that was named later has its name from the beginning. */
  entries(): Step[] {
    return this.steps.map((step) => ({ ...this.names.get(step.id ?? ""), ...step }))
  }
}
