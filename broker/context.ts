import type { GroupCommit } from "./commit.ts"
import { BrokerClosedError } from "./errors.ts"
import type { BrokerEmitter } from "./events.ts"
import type { IdSource } from "./ids.ts"
import type { Store } from "./storage/store.ts"
import { ChannelUses } from "./uses.ts"
import type { Wake } from "./wake.ts"

/** What starts and has to end before its broker does. */
export interface Stoppable {
  stop(options?: { graceMs?: number }): Promise<void>
}

/** What the patterns of one broker share. */
export class BrokerContext {
  readonly store: Store
  readonly commit: GroupCommit
  readonly wake: Wake
  readonly events: BrokerEmitter
  readonly bodyBytesMax: number
  readonly ids: IdSource
  readonly running = new Set<Stoppable>()
  readonly uses = new ChannelUses()
  closed = false

  constructor(parts: {
    store: Store
    commit: GroupCommit
    wake: Wake
    events: BrokerEmitter
    bodyBytesMax: number
    ids: IdSource
  }) {
    this.store = parts.store
    this.commit = parts.commit
    this.wake = parts.wake
    this.events = parts.events
    this.bodyBytesMax = parts.bodyBytesMax
    this.ids = parts.ids
  }

  get clock() {
    return this.store.clock
  }

  /** A handle that was given may be closed by its owner, the broker's work or not. */
  get isOpen(): boolean {
    return !this.closed && this.store.database.open
  }

  /** @throws {BrokerClosedError} */
  assertOpen(): void {
    if (!this.isOpen) throw new BrokerClosedError()
  }
}
