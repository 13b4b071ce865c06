// ko: 컨슈머를 마지막에 멈춘다. 릴레이가 멈춘 뒤에 커밋된 메시지가 나가지 않는다
// en: Stops the consumers last: what they commit after the relay has stopped does not go out
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
  const consumers = [validations.consume(onValidation, patient), deadlines.consume(onDeadline, patient)]
  return { stop: () => stopAll(consumers, relay) }
}

/** Task 7. A group of its own: each of the three services sees every event, and those of one order in their order. */
export function runValidatingService({ broker, database, timing }: Surroundings, by: string, onEvent: Handler): Service {
  const relay = relayOutbox(database, broker.publisher(), { method: "polling", leaseMs, events: broker.events, ...timing })
  const consumers = [openChannels(broker).events.consume(by, onEvent, patient)]
  return { stop: () => stopAll(consumers, relay) }
}

/** First nothing more comes in; then what is committed still goes out. */
async function stopAll(consumers: readonly Consumer[], relay: Relay): Promise<void> {
  await relay.idle()
  await relay.stop()
  await Promise.all(consumers.map((consumer) => consumer.stop()))
}
