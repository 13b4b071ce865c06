import { EventEmitter } from "eventemitter3"

/** What happened to a message, told after the commit that made it so. What does not apply is absent. */
export interface BrokerEvent {
  readonly channel: string
  readonly messageId?: string
  readonly key?: string
  readonly partition?: number
  readonly offset?: number
  readonly subscription?: string
  readonly group?: string
  readonly generation?: number
  readonly attempt?: number
  /** Why it was refused, or given up. */
  readonly reason?: string
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** Something failed where no caller waits for it: a claim or an acknowledgement that the disk refused. It is tried again. */
export interface FailureEvent {
  readonly operation: string
  readonly error: unknown
  readonly time: number
}

export interface BrokerEvents {
  sent: (event: BrokerEvent) => void
  delivered: (event: BrokerEvent) => void
  acked: (event: BrokerEvent) => void
  nacked: (event: BrokerEvent) => void
  "dead-lettered": (event: BrokerEvent) => void
  "lease-lost": (event: BrokerEvent) => void
  relayed: (event: BrokerEvent) => void
  rebalanced: (event: BrokerEvent) => void
  committed: (event: BrokerEvent) => void
  failed: (event: FailureEvent) => void
}

type MessageEventName = Exclude<keyof BrokerEvents, "failed">

/** An emitter whose listeners cannot disturb the broker: what one throws surfaces as an uncaught error of its own. */
export class BrokerEmitter extends EventEmitter<BrokerEvents> {
  isHeard(name: MessageEventName): boolean {
    return this.listenerCount(name) > 0
  }

  /** Builds the event only if somebody listens. */
  tell(name: MessageEventName, build: () => BrokerEvent): void {
    if (this.isHeard(name)) guarded(() => this.emit(name, build()))
  }

  fail(event: FailureEvent): void {
    guarded(() => this.emit("failed", event))
  }
}

function guarded(emit: () => void): void {
  try {
    emit()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
