import type { Backoff } from "../backoff.ts"
import { type Clock, systemClock } from "../clock.ts"
import { backoffChecks } from "../consumer.ts"
import type { Publisher } from "../message.ts"
import { anything, type Check, callable, checkOptions, durationMs, flag, integer, object, oneOf } from "../options.ts"
import type { Database } from "../storage/database.ts"
import { polling } from "./polling.ts"
import type { Relay, RelayEvents } from "./ports.ts"
import { OutboxRelay } from "./relay.ts"
import { ServiceDatabase } from "./service-database.ts"
import { tailing } from "./tailing.ts"

export type { Relay } from "./ports.ts"

export interface RelayOptions {
  /**
   * `"polling"` asks the outbox's table. `"tailing"` reads the database's transaction log, and needs a file in WAL mode.
   * Both publish the same messages in the same order, and where outboxes nudge, equally soon. Of writers that do not
   * (plain SQL, another language) polling hears within 50 ms, tailing within a few (bench/relay.md).
   */
  method: "polling" | "tailing"
  /** Messages handed to the publisher at once. What a relay that dies may publish a second time. @default 100 */
  batchMax?: number
  /** The longest time without a look, should every signal fail. Without nudges it is 100 if not given. @default 1_000 */
  intervalMs?: number
  /**
   * Whether to look at once after an outbox's commit, and soon after any other connection's. Without it polling polls, and
   * nothing else; tailing sees the log change all the same. @default true
   */
  nudge?: boolean
  /** After this time another relay takes over from one that died. @default 3_000 */
  leaseMs?: number
  /** After the publisher refused. @default { initialMs: 100, factor: 2, maxMs: 30_000 } */
  backoff?: Backoff
  /** Gets `relayed` for each message, and `failed`. A broker's `events`, or any other emitter. */
  events?: RelayEvents
  clock?: Clock
  random?: () => number
}

const relayChecks: Record<string, Check> = {
  method: oneOf("polling", "tailing"),
  batchMax: integer(1, 10_000),
  intervalMs: durationMs(1),
  nudge: flag,
  leaseMs: durationMs(100),
  backoff: (value) => checkOptions("relayOutbox, backoff,", value, backoffChecks),
  events: object("emit", "listenerCount"),
  clock: anything,
  random: callable,
}

/**
 * The message relay: publishes every row that the service commits to its outbox, at least once, in order, and no other.
 *
 * Any number of relays may run on one outbox; one publishes at a time, the others stand by. The position is saved after
 * the publication: who dies in between publishes one batch again, under the same ids. A publisher that
 * refuses is asked again with back-off, and nothing overtakes what it refused.
 *
 * The database is the service's: a path (opened and closed here) or a handle (it stays the caller's; the relay
 * pauses while a transaction is open on it).
 *
 * @example
 * const relay = relayOutbox("orders.db", broker.publisher(), { method: "tailing" })
 * await relay.idle()
 * await relay.stop()
 *
 * @throws {TypeError | RangeError} if an option is wrong, or a database in memory is to be tailed
 * @throws {BrokerError} codes `CANNOT_OPEN`, `NOT_A_DATABASE`, `NO_OUTBOX`, `NOT_WAL`, `READ_ONLY`, `NEWER_FILE`
 */
export function relayOutbox(database: Database | string, publisher: Publisher, options: RelayOptions): Relay {
  checkOptions("relayOutbox", options, relayChecks)
  relayChecks.method?.(options?.method, 'Option "method" of relayOutbox')
  object("publish")(publisher, "The publisher of relayOutbox")
  callable(publisher.publish, "The publisher's publish")

  const { method, nudge = true, intervalMs = nudge ? 1_000 : 100, clock = systemClock, random = Math.random } = options
  const relay = new OutboxRelay({
    service: new ServiceDatabase(database, { clock, random }),
    publisher,
    openSource: method === "polling" ? polling(intervalMs) : tailing(intervalMs),
    batchMax: options.batchMax ?? 100,
    intervalMs,
    nudge,
    leaseMs: options.leaseMs ?? 3_000,
    backoff: options.backoff ?? {},
    events: options.events,
    clock,
    random,
  })
  relay.start()
  return relay
}
