import { type Broker, type BrokerOptions, openBroker } from "#waystation"
import { type VirtualClock, virtualClock } from "#waystation/testing"

export interface TimedBroker extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly broker: Broker
}

/** A broker in memory whose time the test turns. `await using` closes it. */
export function timedBroker(options?: BrokerOptions): TimedBroker {
  const clock = virtualClock()
  const broker = openBroker(":memory:", { clock, ...options })
  return { clock, broker, [Symbol.asyncDispose]: () => broker.close({ graceMs: 0 }) }
}
