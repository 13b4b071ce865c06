import type { Consumer, Database, Message, PartitionedChannel } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** A domain event, as its handler gets it. */
export type DomainEventEnvelope = {
  readonly aggregateType: string
  readonly aggregateId: string
  readonly type: string
  readonly data: unknown
}
/** What is to be done about an event, by its type. They write through the connection that the dispatcher has. */
export type DomainEventHandlers = Readonly<Record<string, (event: DomainEventEnvelope) => void>>

/** Task 3. The event in a message. Throws if the message is no domain event. */
export function envelopeOf(message: Message<unknown>): DomainEventEnvelope {
  throw new Todo(3)
}

/** Task 4. Gives the channel's events to their handlers. Task 5. Leaves out what has no handler. */
export function startEventDispatcher(
  id: string,
  channel: PartitionedChannel<unknown>,
  database: Database,
  handlers: DomainEventHandlers,
): Consumer {
  throw new Todo(4)
}
