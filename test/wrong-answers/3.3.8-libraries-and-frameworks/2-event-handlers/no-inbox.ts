// ko: 인박스 없이 핸들러를 부른다. 다시 온 이벤트를 다시 처리한다
// en: Calls the handler without an inbox: what comes again is handled again
// caught by: [4]
import type { Consumer, Database, Message, PartitionedChannel } from "#waystation"

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
  return channel.consume(id, (message) => {
    const event = envelopeOf(message)
    handlers[event.type]?.(event)
  })
}
