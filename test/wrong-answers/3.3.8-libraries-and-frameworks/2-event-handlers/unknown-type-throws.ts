// ko: 핸들러가 없는 이벤트에 예외를 던진다. 처리할 사람이 없는 이벤트가 되풀이해서 온다
// en: Throws at an event without a handler: it comes again and again, and nobody will ever handle it
// caught by: [5]
import { type Consumer, createInbox, type Database, type Message, type PartitionedChannel } from "#waystation"

/** A domain event, as its handler gets it. */
export type DomainEventEnvelope = {
  readonly aggregateType: string
  readonly aggregateId: string
  readonly type: string
  readonly data: unknown
}
/** What is to be done about an event, by its type. They write through the connection that the dispatcher has. */
export type DomainEventHandlers = Readonly<Record<string, (event: DomainEventEnvelope) => void>>

/** Task 3. What is no event must not pass for one that nobody cares about: then nobody would ever hear of it. */
export function envelopeOf({ headers, body }: Message<unknown>): DomainEventEnvelope {
  const { "event-type": type, "event-aggregate-type": aggregateType, "event-aggregate-id": aggregateId } = headers
  if (!type || !aggregateType || !aggregateId) throw new TypeError(`This is no domain event, by its headers: ${JSON.stringify(headers)}`)
  return { aggregateType, aggregateId, type, data: body }
}

/** Tasks 4, 5. The effect is in the inbox's transaction: a handler that throws undoes both, and the event comes again. */
export function startEventDispatcher(
  id: string,
  channel: PartitionedChannel<unknown>,
  database: Database,
  handlers: DomainEventHandlers,
): Consumer {
  const inbox = createInbox(database)
  return channel.consume(id, (message) => {
    const event = envelopeOf(message)
    const handler = handlers[event.type]
    if (!handler) throw new Error(`No handler for ${event.type}`)
    inbox.once(message, id, () => handler(event))
  })
}
