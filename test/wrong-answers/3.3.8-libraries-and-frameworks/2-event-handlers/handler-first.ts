// ko: 핸들러를 부르고 나서 인박스에 적는다. 그 사이에 죽으면 한 번 더 부른다
// en: Calls the handler before the inbox notes the message: with a crash between them it is called once more
// caught by: [4]
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
    handlers[event.type]?.(event)
    inbox.once(message, id, () => {})
  })
}
