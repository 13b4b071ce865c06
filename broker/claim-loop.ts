import type { ConsumeOptions, Consumer, Handler, Source, TransactionalHandler } from "./consumer.ts"
import { leaseMsDefault } from "./consumer.ts"
import type { BrokerContext, Stoppable } from "./context.ts"
import { type Lease, LeasedDelivery, type Origin, type Outcome } from "./delivery.ts"
import { InFlight } from "./in-flight.ts"
import { checkOptions, durationMs, shown } from "./options.ts"

const graceMsDefault = 10_000
/** How long a consumer waits after the database failed it before it tries again. */
const failedPauseMs = 1_000

/**
 * The loop that all patterns share: claim as many messages as there are free hands, hand each to the handler, settle.
 * A message is claimed only when its handler starts at once, so that an attempt counts for what was really tried.
 * What is settled and what is claimed next shares one commit.
 */
export class ClaimLoop<Body> implements Consumer, Stoppable {
  readonly #context: BrokerContext
  readonly #source: Source
  readonly #origin: Origin
  readonly #handler: Handler<Body> | TransactionalHandler<Body>
  readonly #validate: (body: unknown) => Body
  readonly #options: Required<Pick<ConsumeOptions, "concurrency" | "leaseMs" | "transactional">>
  readonly #inFlight = new InFlight<LeasedDelivery<Body>>()
  readonly #stopListening: () => void
  readonly #outcomes: { delivery: LeasedDelivery<Body>; outcome: Outcome }[] = []
  #turning = false
  #stopped: Promise<void> | undefined
  #cancelTimer: (() => void) | undefined
  #cancelRenewal: (() => void) | undefined
  #whenQuiet: (() => void) | undefined

  constructor(
    context: BrokerContext,
    parts: {
      source: Source
      origin: Origin
      channel: number
      handler: Handler<Body> | TransactionalHandler<Body>
      validate: (body: unknown) => Body
      options: ConsumeOptions
    },
  ) {
    this.#context = context
    this.#source = parts.source
    this.#origin = parts.origin
    this.#handler = parts.handler
    this.#validate = parts.validate
    const { concurrency = 1, leaseMs = leaseMsDefault, transactional = false } = parts.options
    this.#options = { concurrency, leaseMs, transactional }
    this.#stopListening = context.wake.listen(parts.channel, () => this.#look())
  }

  /** The consumer, at work. */
  static start<Body>(...parts: ConstructorParameters<typeof ClaimLoop<Body>>): ClaimLoop<Body> {
    const loop = new ClaimLoop<Body>(...parts)
    loop.#context.running.add(loop)
    loop.#context.uses.receive(loop.#origin)
    loop.#renewLater()
    loop.#turn()
    return loop
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  get assigned(): number[] | undefined {
    return this.#source.assigned
  }

  stop(options: { graceMs?: number } = {}): Promise<void> {
    checkOptions("stop()", options, { graceMs: durationMs(0) })
    this.#stopped ??= this.#stop(options.graceMs ?? graceMsDefault)
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(graceMs: number): Promise<void> {
    this.#stopListening()
    this.#cancelTimer?.()
    this.#turn()
    await this.#quiet(graceMs)
    this.#cancelRenewal?.()
    if (this.#source.leave && this.#context.isOpen) await this.#context.commit.add(() => this.#source.leave?.())
    this.#context.running.delete(this)
  }

  /** Resolves when no handler runs and nothing waits to be settled, or when the grace is over. */
  #quiet(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (graceMs === 0) return resolve()
      const cancel = this.#context.clock.setTimer(graceMs, resolve)
      this.#whenQuiet = () => {
        if (this.#turning || this.#inFlight.size > 0 || this.#outcomes.length > 0) return
        cancel()
        resolve()
      }
      this.#whenQuiet()
    })
  }

  /** Something may be there. A look costs a read; only what is due costs a transaction. */
  #look(): void {
    if (this.#stopped || this.#turning || !this.#context.isOpen) return
    // A turn that failed has its own time to try again, with what is still to be settled.
    if (this.#outcomes.length > 0) return
    if (this.#inFlight.size >= this.#options.concurrency) {
      if (this.#mustLetGo()) this.#turn()
      return
    }
    const waitMs = this.#sleep()
    if (waitMs !== undefined && waitMs <= 0) this.#turn()
  }

  /** Sets the timer for what is due later. Returns how far off the next is, in milliseconds; at once if not above 0. */
  #sleep(): number | undefined {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const { store } = this.#context
    try {
      const dueAt = store.read(() => this.#source.nextDueAt())
      if (dueAt === undefined) return undefined
      const waitMs = dueAt - store.now()
      if (waitMs > 0) this.#lookLater(waitMs)
      return waitMs
    } catch (error) {
      this.#fail("look", error)
      this.#lookLater(failedPauseMs)
      return undefined
    }
  }

  #mustLetGo(): boolean {
    try {
      return this.#source.mustLetGo?.() ?? false
    } catch (error) {
      this.#fail("look", error)
      return false
    }
  }

  #lookLater(waitMs: number): void {
    this.#cancelTimer = this.#context.clock.setTimer(waitMs, () => this.#look())
  }

  /** One transaction settles what has ended and claims for the hands that are free. */
  #turn(): void {
    if (this.#turning || (this.#stopped && this.#outcomes.length === 0)) return
    if (!this.#context.isOpen) {
      // Nothing can be settled any more: the messages come back when their leases end.
      this.#outcomes.length = 0
      return
    }
    this.#turning = true
    let settled = 0
    let asked = 0
    const turn = this.#context.commit.addLast(() => {
      settled = this.#outcomes.length
      this.#settleAll()
      asked = this.#stopped ? 0 : this.#options.concurrency - this.#inFlight.size
      return this.#stopped ? [] : this.#source.claim(asked)
    })
    turn.then(
      (leases) => {
        this.#outcomes.splice(0, settled)
        this.#endTurn(leases, asked)
      },
      (error) => this.#failTurn(error),
    )
  }

  /** Handlers that end in one turn were mostly claimed in one: their acknowledgements are one piece of work. */
  #settleAll(): void {
    const acks = this.#outcomes.flatMap(({ delivery, outcome }) => (outcome.kind === "ack" && !delivery.settled ? delivery.lease : []))
    const acked = acks.length > 1 ? this.#source.ackTogether?.(acks) : undefined
    for (const { delivery, outcome } of this.#outcomes) delivery.settle(outcome, acked?.has(delivery.lease) ? "acked" : undefined)
  }

  #endTurn(leases: Lease[], asked: number): void {
    this.#turning = false
    for (const lease of leases) this.#start(lease)
    if (this.#outcomes.length > 0) this.#turn()
    // With no hand free nothing need be known: what ends has a turn of its own.
    const isFree = !this.#turning && this.#inFlight.size < this.#options.concurrency
    if (isFree && !this.#stopped && this.#context.isOpen) {
      const waitMs = this.#sleep()
      // Nor does a claim that took all there was look again at once while something runs.
      if (waitMs !== undefined && waitMs <= 0 && (leases.length === asked || this.#inFlight.size === 0)) this.#turn()
    }
    this.#whenQuiet?.()
  }

  /** What ended stays to be settled: the database may take it the next time. */
  #failTurn(error: unknown): void {
    this.#turning = false
    this.#fail("settle and claim", error)
    this.#cancelTimer?.()
    this.#cancelTimer = this.#context.clock.setTimer(failedPauseMs, () => this.#turn())
    this.#whenQuiet?.()
  }

  #start(lease: Lease): void {
    const delivery = new LeasedDelivery(this.#context, this.#origin, lease, this.#validate)
    this.#inFlight.add(delivery)
    if (delivery.flaw !== undefined) {
      this.#settle(delivery, { kind: "dead-letter", reason: delivery.flaw })
      return
    }
    delivery.tell("delivered")
    if (this.#options.transactional) this.#handleInTransaction(delivery)
    else this.#handle(delivery)
  }

  #handle(delivery: LeasedDelivery<Body>): void {
    let result: unknown
    try {
      result = (this.#handler as Handler<Body>)(delivery, delivery)
    } catch (error) {
      this.#settle(delivery, refusal(error))
      return
    }
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== "function") {
      this.#settle(delivery, { kind: "ack" })
      return
    }
    ;(result as PromiseLike<unknown>).then(
      () => this.#settle(delivery, { kind: "ack" }),
      (error) => this.#settle(delivery, refusal(error)),
    )
  }

  #handleInTransaction(delivery: LeasedDelivery<Body>): void {
    const handler = this.#handler as TransactionalHandler<Body>
    const { store, commit } = this.#context
    const handled = commit.addAlone(() => {
      // First the acknowledgement: with a lost lease the effect must not even begin.
      if (delivery.settle({ kind: "ack" }) !== "lost") return handler(delivery, store.database)
    })
    handled.then(
      () => this.#done(delivery),
      (error: unknown) => this.#settle(delivery, refusal(error)),
    )
  }

  #settle(delivery: LeasedDelivery<Body>, outcome: Outcome): void {
    if (!delivery.settled && !this.#context.closed) this.#outcomes.push({ delivery, outcome })
    this.#done(delivery)
  }

  /** A hand is free. */
  #done(delivery: LeasedDelivery<Body>): void {
    this.#inFlight.delete(delivery)
    this.#turn()
    this.#whenQuiet?.()
  }

  #renewLater(): void {
    this.#cancelRenewal = this.#context.clock.setTimer(this.#options.leaseMs / 3, () => {
      this.#renewLater()
      this.#renew()
    })
  }

  #renew(): void {
    const { commit, store } = this.#context
    if ((this.#inFlight.size === 0 && !this.#source.renew) || !this.#context.isOpen) return
    const renewed = commit.add(() => {
      this.#source.renew?.()
      const until = store.now() + this.#options.leaseMs
      return this.#inFlight.filter((delivery) => !delivery.renew(until))
    })
    renewed.catch((error) => this.#fail("renew", error))
  }

  #fail(operation: string, error: unknown): void {
    this.#context.events.fail({ operation, error, time: this.#context.store.now() })
  }
}

function refusal(error: unknown): Outcome {
  return { kind: "nack", reason: error instanceof Error ? `${error.name}: ${error.message}` : `the handler threw ${shown(error)}` }
}
