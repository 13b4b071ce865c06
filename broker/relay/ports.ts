import type { BrokerEvent, FailureEvent } from "../events.ts"
import type { OutboxRow } from "../outbox.ts"
import type { Store } from "../storage/store.ts"

/** Carries an outbox's messages to a publisher, from `relayOutbox` until `stop`. */
export interface Relay extends AsyncDisposable {
  /** Committed messages that are not published yet. */
  readonly backlog: number
  /** How long the oldest of them has waited; 0 if there is none. */
  readonly lagMs: number
  /** Why the relay is not working at the moment, if it is not. It tries again by itself. */
  readonly failure: Error | undefined
  /**
   * Resolves when everything that was committed by now is published.
   * Rejects if the database cannot be worked with (the relay goes on trying), or if the relay is stopped before.
   */
  idle(): Promise<void>
  /** Lets the publication under way end, hands the lease on and closes what the relay opened. */
  stop(): Promise<void>
}

/** As much of an emitter as a relay uses. */
export interface RelayEvents {
  listenerCount(name: "relayed"): number
  emit(name: "relayed" | "failed", event: BrokerEvent | FailureEvent): unknown
}

/** How a relay finds what was committed: by polling the outbox or by tailing the transaction log. */
export interface OutboxSource {
  /** Committed rows after the position `published`, in order and without a gap; none if there are none yet. */
  rows(published: number, rowsMax: number): OutboxRow[]
  /** How long to sleep when `looks` looks in a row have found nothing. */
  pauseMs(looks: number): number
  close(): void
}

export type OpenSource = (store: Store, path: string | undefined, wake: () => void) => OutboxSource
