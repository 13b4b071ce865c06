import { type Backoff, backoffMs } from "../backoff.ts"
import type { Clock } from "../clock.ts"
import { BrokerError } from "../errors.ts"
import type { OutgoingMessage, Publisher } from "../message.ts"
import { lastOutboxPosition, nextInOutbox, type OutboxRow, outboxSignal, outgoingMessages } from "../outbox.ts"
import type { Store } from "../storage/store.ts"
import { Wake } from "../wake.ts"
import { IdleWaiters } from "./idle.ts"
import { isLocked, RelayLease } from "./lease.ts"
import { Pause } from "./pause.ts"
import type { OpenSource, OutboxSource, Relay, RelayEvents } from "./ports.ts"
import type { ServiceDatabase } from "./service-database.ts"

export interface RelayParts {
  service: ServiceDatabase
  publisher: Publisher
  openSource: OpenSource
  batchMax: number
  intervalMs: number
  nudge: boolean
  leaseMs: number
  backoff: Backoff
  events: RelayEvents | undefined
  clock: Clock
  random: () => number
}

/** What exists while the database is open. */
interface Connection {
  store: Store
  lease: RelayLease
  source: OutboxSource
  close(): void
}

/** A file that cannot be worked with may come back at any time. */
const repairBackoff: Backoff = { initialMs: 50, factor: 2, maxMs: 2_000 }
/** How soon to look again whether the caller's own transaction has ended. */
const callersTransactionMs = 5
/** A publisher that never answers does not keep `stop` from ending. */
const stopGraceMs = 10_000

/** The loop of a relay: a turn finds rows, publishes them, saves how far that is, and says how long to sleep. */
export class OutboxRelay implements Relay {
  readonly #parts: RelayParts
  /** Between looks: a commit ends it. */
  readonly #pause: Pause
  /** After a refusal: nothing ends it but time, or `stop`. */
  readonly #rest: Pause
  readonly #waiters = new IdleWaiters()
  #connection: Connection | undefined
  #leaseToken: number | undefined
  #batch: number
  /** In a row: looks that found nothing, failures of the database, refusals of the publisher. */
  #looks = 0
  #failures = 0
  #refusals = 0
  #failure: Error | undefined
  #publishing = false
  /** Published, and not yet saved: not to be published again only because the saving failed. */
  #unsaved: OutboxRow[] = []
  #running: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | undefined
  #lastSeen = { backlog: 0, lagMs: 0 }

  constructor(parts: RelayParts) {
    this.#parts = parts
    this.#batch = parts.batchMax
    this.#pause = new Pause(parts.clock)
    this.#rest = new Pause(parts.clock)
  }

  /** @throws what keeps the database from being used: at the door, where somebody hears it */
  start(): void {
    try {
      this.#connection = this.#open()
    } catch (error) {
      const explained = this.#parts.service.explain(error)
      this.#close()
      throw explained
    }
    this.#running = this.#run()
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  get backlog(): number {
    return this.#look().backlog
  }

  get lagMs(): number {
    return this.#look().lagMs
  }

  idle(): Promise<void> {
    if (this.#stopping) return Promise.reject(stopped())
    const idle = this.#waiters.add(this.#parts.service.store)
    this.#pause.signal()
    return idle
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const pauseMs = await this.#turn()
      if (this.#stopping) return
      // A long backlog must not keep timers and signals from their turn.
      if (pauseMs === 0) await new Promise<void>((resolve) => this.#parts.clock.defer(resolve))
      else await this.#pause.sleep(pauseMs)
    }
  }

  async #turn(): Promise<number> {
    const { service, random } = this.#parts
    try {
      this.#connection ??= this.#open()
      service.open()
      const pauseMs = await this.#work(this.#connection)
      this.#failures = 0
      this.#failure = undefined
      return pauseMs
    } catch (error) {
      if (isLocked(error)) return 1 + random() * 4
      this.#fail(service.explain(error))
      return backoffMs(++this.#failures, repairBackoff, random)
    }
  }

  async #work({ store, lease, source }: Connection): Promise<number> {
    if (this.#unsaved.length > 0) await this.#save(lease)
    const holding = await lease.hold()
    // What stands in a transaction that the caller has open is not committed, and this connection would see it.
    if (store.inTransaction) return callersTransactionMs
    this.#waiters.settle(store, holding ? lease.published : lease.refresh())
    if (!holding) return Math.min(this.#parts.intervalMs, lease.othersEndInMs)

    const rows = source.rows(lease.published, this.#batch)
    if (rows.length === 0) return Math.min(source.pauseMs(this.#looks++), lease.renewInMs)
    this.#looks = 0
    const messages = outgoingMessages(rows)
    if (!lease.held) return 0
    const refusal = await this.#publish(messages, lease)
    if (refusal) {
      await this.#backOff(refusal.error, lease)
      return 0
    }

    this.#unsaved = rows.slice(0, messages.length)
    await this.#save(lease)
    this.#waiters.settle(store, lease.published)
    return 0
  }

  /** Publishes with the lease renewed for as long as it takes. */
  async #publish(messages: OutgoingMessage[], lease: RelayLease): Promise<{ error: unknown } | undefined> {
    const letGo = lease.keep()
    this.#publishing = true
    try {
      await this.#parts.publisher.publish(messages)
    } catch (error) {
      return { error }
    } finally {
      this.#publishing = false
      letGo()
    }
    this.#refusals = 0
    this.#batch = Math.min(this.#batch * 2, this.#parts.batchMax)
    return undefined
  }

  /** A message that is refused time and again is approached one by one, so that those before it get through. */
  async #backOff(error: unknown, lease: RelayLease): Promise<void> {
    const { backoff, random, clock, events } = this.#parts
    this.#batch = 1
    tell(() => events?.emit("failed", { operation: "publish", error, time: clock.now() }))
    const letGo = lease.keep()
    await this.#rest.sleep(backoffMs(++this.#refusals, backoff, random))
    letGo()
  }

  async #save(lease: RelayLease): Promise<void> {
    const rows = this.#unsaved
    const saved = await lease.save(rows.at(-1)?.position ?? 0)
    this.#unsaved = []
    // Otherwise another relay has the lease by now, and publishes them once more.
    if (!saved) return
    const { events, clock } = this.#parts
    const time = clock.now()
    for (const { channel, message_id: messageId, key } of events?.listenerCount("relayed") ? rows : []) {
      tell(() => events?.emit("relayed", { channel, messageId, ...(key === null ? {} : { key }), time }))
    }
  }

  /** After a failure everything is opened anew: the file may be another one by then. */
  #fail(error: unknown): void {
    if (this.#stopping) return
    const { events, clock } = this.#parts
    const failure = error instanceof Error ? error : new Error(String(error))
    const isNews = failure.message !== this.#failure?.message
    this.#failure = failure
    this.#close()
    this.#waiters.reject(failure)
    if (isNews) tell(() => events?.emit("failed", { operation: "relay", error: failure, time: clock.now() }))
  }

  #open(): Connection {
    const { service, openSource, leaseMs, nudge } = this.#parts
    const store = service.open()
    const signal = () => {
      this.#looks = 0
      this.#pause.signal()
    }
    const source = openSource(store, service.path, signal)
    const wake = nudge ? new Wake(store) : undefined
    wake?.listen(outboxSignal, signal)
    const close = () => {
      wake?.close()
      source.close()
    }
    return { store, source, lease: new RelayLease(store, leaseMs, this.#leaseToken), close }
  }

  #close(): void {
    this.#look()
    this.#leaseToken = this.#connection?.lease.token ?? this.#leaseToken
    this.#connection?.close()
    this.#connection = undefined
    this.#parts.service.close()
  }

  async #stop(): Promise<void> {
    this.#pause.signal()
    this.#rest.signal()
    const { promise: grace, resolve } = Promise.withResolvers<void>()
    const cancel = this.#parts.clock.setTimer(stopGraceMs, resolve)
    await Promise.race([this.#running, grace])
    cancel()
    await this.#handOn()
    this.#close()
    this.#waiters.reject(stopped())
  }

  async #handOn(): Promise<void> {
    const lease = this.#connection?.lease
    // A publication that is still under way keeps the lease until it runs out: nobody may publish beside it.
    if (!lease || this.#publishing || !this.#parts.service.store) return
    try {
      if (this.#unsaved.length > 0) await this.#save(lease)
      await lease.release()
    } catch {
      // The lease runs out by itself.
    }
  }

  /** While there is nothing to be seen, the last figures stand. */
  #look(): { backlog: number; lagMs: number } {
    const { service, clock } = this.#parts
    if (!service.store || !this.#connection) return this.#lastSeen
    try {
      const next = nextInOutbox(service.store, this.#connection.lease.refresh())
      this.#lastSeen = {
        backlog: next ? lastOutboxPosition(service.store) - next.position + 1 : 0,
        lagMs: next ? Math.max(clock.now() - next.sent_at, 0) : 0,
      }
    } catch {
      // `failure` and `idle` tell.
    }
    return this.#lastSeen
  }
}

/** A listener's defect is its own: it must not look like a failure of the relay. */
function tell(emit: () => void): void {
  try {
    emit()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

function stopped(): BrokerError {
  return new BrokerError("RELAY_STOPPED", "The relay is stopped: what is not published yet waits in the outbox for another one.")
}
