// ko: 헤더가 없으면 모르는 이벤트로 여기고 지나간다. 잘못 보낸 쪽은 영영 모른다
// en: Takes a message without its headers for an unknown event: whoever sent it will never know
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
    if (Object.keys(message.headers).length < 3) return
    const event = envelopeOf(message)
    // An event without a handler is somebody else's, and held up here it would hold up all behind it.
    inbox.once(message, id, () => handlers[event.type]?.(event))
  })
}
