import type { Backoff } from "./backoff.ts"
import type { Delivery, Lease } from "./delivery.ts"
import type { Message } from "./message.ts"
import { type Check, callable, checkOptions, durationMs, flag, integer, object, shown } from "./options.ts"
import type { Database } from "./storage/database.ts"

/** Returning acknowledges, throwing is a nack with back-off; settling by hand inside the handler wins over both. */
export type Handler<Body> = (message: Message<Body>, delivery: Delivery<Body>) => unknown

/** Runs inside the transaction that acknowledges its message: all of it happens, or none. Must be synchronous. */
export type TransactionalHandler<Body> = (message: Message<Body>, database: Database) => void

export interface ConsumeOptions {
  /**
   * Messages handled side by side. In a partitioned channel: keys, within the owned partitions; there a member looks 1,000
   * messages past the oldest that is unfinished, so a handler that stands still holds up what lies further on.
   * @default 1
   */
  concurrency?: number
  /** How long a message stays with a consumer that gives no sign of life; renewed while the handler runs. @default 30_000 */
  leaseMs?: number
  /** After so many failed deliveries a message is a dead letter. @default 5 */
  attemptsMax?: number
  /** The wait between attempts. */
  backoff?: Backoff
  /** The handler runs in one transaction with the acknowledgement and every send in it. @default false */
  transactional?: boolean
}

export interface Consumer extends AsyncDisposable {
  /** Claims nothing more; resolves when the running handlers are done, or after `graceMs` (default 10_000). */
  stop(options?: { graceMs?: number }): Promise<void>
  /** Messages whose handler runs. */
  readonly inFlight: number
  /** Partitioned channels only: the partitions that this consumer owns now. */
  readonly assigned?: number[] | undefined
}

/** What a consumer needs of the pattern that it consumes from. */
export interface Source {
  /** Leases up to `max` messages, which may be none. Called inside a transaction. */
  claim(max: number): Lease[]
  /** When there may be something to claim: a time, now or later, or `undefined` for "wait to be woken". */
  nextDueAt(): number | undefined
  /** Whether others wait for something that this consumer holds, which is to be let go with the next claim. */
  mustLetGo?(): boolean
  /** Acknowledges in fewer statements what it can of these, inside a transaction; the rest is to be settled one by one. */
  ackTogether?(leases: readonly Lease[]): ReadonlySet<Lease>
  /** Called every third of a lease while the consumer runs, inside a transaction. */
  renew?(): void
  /** The last word of a consumer that has stopped. Called inside a transaction. */
  leave?(): void
  readonly assigned?: number[]
}

export const backoffChecks: Record<string, Check> = { initialMs: durationMs(0), factor: atLeastOne, maxMs: durationMs(0) }

function atLeastOne(value: unknown, name: string): void {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number: got ${shown(value)}.`)
  if (!(value >= 1 && Number.isFinite(value))) throw new RangeError(`${name} must be 1 or more: got ${value}.`)
}

export const consumeChecks: Record<string, Check> = {
  concurrency: integer(1, 10_000),
  leaseMs: durationMs(1),
  attemptsMax: integer(1),
  backoff: (value, name) => {
    object()(value, name)
    checkOptions(name, value, backoffChecks)
  },
  transactional: flag,
}

export function checkHandler(where: string, handler: unknown): void {
  callable(handler, `The handler of ${where}`)
}

export const leaseMsDefault = 30_000
export const attemptsMaxDefault = 5
