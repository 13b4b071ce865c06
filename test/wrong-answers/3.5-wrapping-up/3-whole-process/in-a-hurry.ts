// ko: `patient` 없이 받는다. 다섯 번 실패한 메시지는 데드 레터가 된다
// en: Takes messages without `patient`: after five attempts a bad minute makes a dead letter of one
// caught by: [6] [7]
import {
  type Broker,
  type Clock,
  type ConsumeOptions,
  type Consumer,
  type Database,
  type Message,
  type Relay,
  relayOutbox,
} from "#waystation"

/** The broker that all share, the service's own database with its outbox; and time, where a test turns it. */
export type Surroundings = { broker: Broker; database: Database; timing?: { clock: Clock; random?: () => number } }
export type Service = { stop(): Promise<void> }
type Handler = (message: Message<never>) => void

export const leaseMs = 1_000
/** A message is not to be given up because a disk was full for a minute: then somebody would wait for ever. */
export const patient: ConsumeOptions = { leaseMs, concurrency: 8, attemptsMax: 1_000, backoff: { maxMs: 1_000 } }

/** Whoever comes first makes them; a relay needs to find them. */
export const openChannels = (broker: Broker) => ({
  events: broker.partitioned<never>("order-events", { partitions: 4 }),
  validations: broker.queue<never>("order-validations"),
  deadlines: broker.queue<never>("order-deadlines"),
})

/** Task 6. Its outbox goes out; answers and alarm clocks come in. */
export function runOrderService({ broker, database, timing }: Surroundings, onValidation: Handler, onDeadline: Handler): Service {
  const { validations, deadlines } = openChannels(broker)
  const relay = relayOutbox(database, broker.publisher(), { method: "polling", leaseMs, events: broker.events, ...timing })
  const consumers = [validations.consume(onValidation), deadlines.consume(onDeadline)]
  return { stop: () => stopAll(consumers, relay) }
}

/** Task 7. A group of its own: each of the three services sees every event, and those of one order in their order. */
export function runValidatingService({ broker, database, timing }: Surroundings, by: string, onEvent: Handler): Service {
  const relay = relayOutbox(database, broker.publisher(), { method: "polling", leaseMs, events: broker.events, ...timing })
  const consumers = [openChannels(broker).events.consume(by, onEvent)]
  return { stop: () => stopAll(consumers, relay) }
}

/** First nothing more comes in; then what is committed still goes out. */
async function stopAll(consumers: readonly Consumer[], relay: Relay): Promise<void> {
  await Promise.all(consumers.map((consumer) => consumer.stop()))
  await relay.idle()
  await relay.stop()
}
