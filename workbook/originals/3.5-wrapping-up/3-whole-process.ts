import type { Broker, Clock, ConsumeOptions, Database, Message } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** The broker that all share, the service's own database with its outbox; and time, where a test turns it. */
export type Surroundings = { broker: Broker; database: Database; timing?: { clock: Clock; random?: () => number } }
export type Service = { stop(): Promise<void> }
/** Handles a message of its channel in one transaction, as your functions of tasks 1 to 5 do. */
type Handler = (message: Message<never>) => void

export const leaseMs = 1_000
/** For every consumer. A message is not to be given up because a disk was full for a minute: then somebody would wait for ever. */
export const patient: ConsumeOptions = { leaseMs, concurrency: 8, attemptsMax: 1_000, backoff: { maxMs: 1_000 } }

/** Whoever comes first makes them; a relay needs to find them. */
export const openChannels = (broker: Broker) => ({
  events: broker.partitioned<never>("order-events", { partitions: 4 }),
  validations: broker.queue<never>("order-validations"),
  deadlines: broker.queue<never>("order-deadlines"),
})

/** Task 6. Its outbox goes out; answers and deadlines come in. */
export function runOrderService(surroundings: Surroundings, onValidation: Handler, onDeadline: Handler): Service {
  throw new Todo(6)
}

/** Task 7. Its outbox goes out; order events come in. `by` says which of the three it is. */
export function runValidatingService(surroundings: Surroundings, by: string, onEvent: Handler): Service {
  throw new Todo(7)
}
