import type { BrokerContext } from "./context.ts"
import { LeaseLostError } from "./errors.ts"
import { decodeBody, decodeHeaders, type Message, type StoredMessage } from "./message.ts"
import { checkOptions, durationMs, shown } from "./options.ts"

/**
 * A message under lease, with what its holder can do. Each settles the delivery for good and commits at once (or with
 * the transaction that is open).
 *
 * Every method throws `LeaseLostError`, and changes nothing, if the lease is no longer held.
 */
export interface Delivery<Body = unknown> extends Message<Body> {
  /** Handled: the message goes. */
  ack(): void
  /** Not handled: delivered again after `delayMs`, at once by default; after the last attempt a dead letter. */
  nack(options?: { delayMs?: number }): void
  /** Given up at once. */
  deadLetter(reason?: string): void
  /** The lease ends `leaseMs` from now. */
  extend(leaseMs: number): void
}

/** How a holder ends its lease. */
export type Outcome = { kind: "ack" } | { kind: "nack"; delayMs?: number; reason?: string } | { kind: "dead-letter"; reason: string }

/** What became of it: a refused message may be out of attempts. */
export type Settled = "acked" | "nacked" | "dead-lettered" | "lost"

/** One claimed message, by the pattern that claimed it. The methods are to be called in a transaction. */
export interface Lease {
  readonly row: StoredMessage & { attempt: number }
  readonly partition?: number
  readonly offset?: number
  settle(outcome: Outcome): Settled
  extend(until: number): boolean
  isHeld(): boolean
}

/** Where a delivery comes from, as events tell it. */
export interface Origin {
  readonly channel: string
  readonly subscription?: string
  readonly group?: string
}

export class LeasedDelivery<Body> implements Delivery<Body> {
  readonly id: string
  readonly channel: string
  readonly body: Body
  declare readonly key?: string
  readonly headers: Readonly<Record<string, string>>
  readonly sentAt: number
  readonly attempt: number
  declare readonly partition?: number
  declare readonly offset?: number
  readonly #context: BrokerContext
  readonly #origin: Origin
  readonly #lease: Lease
  #settled = false
  #flaw: string | undefined
  #place = 0

  constructor(context: BrokerContext, origin: Origin, lease: Lease, validate: (body: unknown) => Body) {
    const { row } = lease
    this.id = row.message_id
    this.channel = origin.channel
    this.body = this.#validated(decodeBody(row.body), validate)
    if (row.key !== null) this.key = row.key
    this.headers = decodeHeaders(row.headers)
    this.sentAt = row.sent_at
    this.attempt = row.attempt
    if (lease.partition !== undefined) this.partition = lease.partition
    if (lease.offset !== undefined) this.offset = lease.offset
    this.#context = context
    this.#origin = origin
    this.#lease = lease
  }

  /** Whether its holder has settled it, by whichever way. */
  get settled(): boolean {
    return this.#settled
  }

  /** Its consumer's (`InFlight`). */
  get place(): number {
    return this.#place
  }

  set place(place: number) {
    this.#place = place
  }

  /** Why no handler can take it: it does not match the channel's schema, and no further attempt would change that. */
  get flaw(): string | undefined {
    return this.#flaw
  }

  ack(): void {
    this.#settleNow({ kind: "ack" })
  }

  nack(options: { delayMs?: number } = {}): void {
    checkOptions("nack()", options, { delayMs: durationMs(0) })
    this.#settleNow({ kind: "nack", reason: "refused by its consumer", delayMs: options.delayMs ?? 0 })
  }

  deadLetter(reason = "given up by its consumer"): void {
    if (typeof reason !== "string") throw new TypeError(`A dead letter's reason must be a string: got ${shown(reason)}.`)
    this.#settleNow({ kind: "dead-letter", reason })
  }

  extend(leaseMs: number): void {
    durationMs(1)(leaseMs, "The leaseMs of extend()")
    const { store } = this.#context
    this.#context.assertOpen()
    const held = !this.#settled && store.transaction(() => this.#lease.extend(store.now() + leaseMs))
    if (held) return
    this.tell("lease-lost")
    throw new LeaseLostError(this.id, this.attempt)
  }

  get lease(): Lease {
    return this.#lease
  }

  /**
   * Settles inside the transaction that is open. What was decided holds once that has committed. `done` is how the lease
   * was settled already, together with others.
   */
  settle(outcome: Outcome, done?: Settled): Settled {
    if (this.#settled) return "lost"
    const settled = done ?? this.#lease.settle(outcome)
    const { store } = this.#context
    const tell = () => {
      this.#settled = true
      this.tell(settled === "lost" ? "lease-lost" : settled, "reason" in outcome ? outcome.reason : undefined)
    }
    store.afterCommit(tell, () => settled === "lost" || !this.#lease.isHeld())
    return settled
  }

  /** Renews the lease, if its holder still needs one. `false`: it was lost. */
  renew(until: number): boolean {
    if (this.#settled) return true
    return this.#lease.extend(until)
  }

  /** Tells the broker's listeners what happened to this delivery. */
  tell(name: "delivered" | "acked" | "nacked" | "dead-lettered" | "lease-lost", reason?: string): void {
    const { events, store } = this.#context
    if (!events.isHeard(name)) return
    events.tell(name, () => ({
      ...this.#origin,
      messageId: this.id,
      ...(this.key === undefined ? {} : { key: this.key }),
      ...(this.partition === undefined ? {} : { partition: this.partition, offset: this.offset ?? 0 }),
      attempt: this.attempt,
      ...(reason === undefined ? {} : { reason }),
      time: store.now(),
    }))
  }

  #validated(body: unknown, validate: (body: unknown) => Body): Body {
    try {
      return validate(body)
    } catch (error) {
      this.#flaw = error instanceof Error ? error.message : String(error)
      return body as Body
    }
  }

  #settleNow(outcome: Outcome): void {
    this.#context.assertOpen()
    const settled = this.#context.store.transaction(() => this.settle(outcome))
    if (settled === "lost") throw new LeaseLostError(this.id, this.attempt)
  }
}
