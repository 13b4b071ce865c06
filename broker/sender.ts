import { assertValidAgain, type ChannelOptions, type ChannelRow, type Declared, validateBody } from "./channel.ts"
import type { BrokerContext } from "./context.ts"
import {
  checkSendOptions,
  encodeBody,
  encodeHeaders,
  isSendOptions,
  type OutgoingMessage,
  type SendOptions,
  type StoredMessage,
  storedMessage,
} from "./message.ts"
import { shown } from "./options.ts"
import { isDuplicate } from "./recent-ids.ts"

export const deduplicationMsDefault = 300_000

/** A message that passed every check and waits to be stored. */
export interface Prepared {
  readonly stored: StoredMessage
  /** Whether the sender chose the id, so that a second one can come. */
  readonly chosenId: boolean
  readonly visibleAt: number
}

/** Where a message came to stand. */
export interface Appended {
  readonly partition?: number
  readonly offset?: number
  /** Whether it is still there, for a transaction of which only the end was seen. */
  isThere(): boolean
}

/** How one kind of channel stores messages. */
export interface Storage {
  /** Called inside a transaction. */
  append(channel: ChannelRow, message: Prepared): Appended
  /** Refuses what this kind cannot honour. */
  check?(where: string, options: { key?: string | undefined; delayMs?: number | undefined }): void
}

/** The one way into a channel: check at the door, then commit with the others of this turn. */
export class Sender<Body> {
  readonly #context: BrokerContext
  readonly #channel: Declared<ChannelRow>
  readonly #storage: Storage
  readonly #options: ChannelOptions<Body>

  constructor(context: BrokerContext, channel: Declared<ChannelRow>, storage: Storage, options: ChannelOptions<Body>) {
    this.#context = context
    this.#channel = channel
    this.#storage = storage
    this.#options = options
  }

  /**
   * Resolves with the message's id when it is committed. Inside a transaction on this connection it joins that one: bad
   * input then throws at once, so that the transaction does not commit without the message.
   */
  send(where: string, body: Body, options: SendOptions | undefined): Promise<string> {
    return this.#commit(() => {
      const message = this.#prepare(where, body, options)
      return () => {
        this.#append(message)
        return message.stored.message_id
      }
    })
  }

  /** All in one commit, or none. */
  sendMany(where: string, items: Iterable<Body | [Body, SendOptions]>): Promise<string[]> {
    return this.#commit(() => {
      if (typeof (items as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== "function" || typeof items === "string") {
        throw new TypeError(`The items of ${where} must be an iterable of bodies, or of [body, options]: got ${shown(items)}.`)
      }
      const messages = Array.from(items, (item) => {
        const [body, options] = isPair<Body>(item) ? item : [item as Body, undefined]
        return this.#prepare(where, body, options)
      })
      return () => {
        for (const message of messages) this.#append(message)
        return messages.map((message) => message.stored.message_id)
      }
    })
  }

  #prepare(where: string, body: Body, options: SendOptions | undefined): Prepared {
    checkSendOptions(where, options)
    this.#storage.check?.(where, options ?? {})
    const { schema } = this.#options
    const { name } = this.#channel.row
    const valid = validateBody(schema, body, name)
    const stored = storedMessage(valid, options, this.#context)
    if (valid !== body) assertValidAgain(schema, valid, name)
    return { stored, chosenId: options?.id !== undefined, visibleAt: stored.sent_at + (options?.delayMs ?? 0) }
  }

  /** `prepare` checks, and returns what stores. */
  #commit<T>(prepare: () => () => T): Promise<T> {
    const { store, commit, closed } = this.#context
    if (!closed && store.inTransaction) {
      const work = prepare()
      return Promise.resolve(store.transaction(work))
    }
    try {
      this.#context.assertOpen()
      return commit.add(prepare())
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #append(message: Prepared): void {
    const deduplicationMs = this.#options.deduplicationMs ?? deduplicationMsDefault
    appendMessage(this.#context, this.#channel.row, this.#storage, message, deduplicationMs)
  }
}

/** Stores one message, unless its id was here within the window, and tells those who wait for it. */
export function appendMessage(
  context: BrokerContext,
  channel: ChannelRow,
  storage: Storage,
  message: Prepared,
  deduplicationMs: number,
): void {
  const { store, wake, events } = context
  const { message_id: messageId, key } = message.stored
  if (message.chosenId && isDuplicate(store, channel.id, messageId, deduplicationMs)) return
  const { isThere, ...place } = storage.append(channel, message)
  store.afterCommit(() => {
    wake.signal(channel.id)
    events.tell("sent", () => ({ channel: channel.name, messageId, ...(key === null ? {} : { key }), ...place, time: store.now() }))
  }, isThere)
}

/** A relay's message: its id was chosen by whoever wrote it to the outbox. */
export function preparedFrom(context: BrokerContext, message: OutgoingMessage): Prepared {
  const { id, key, headers, sentAt, delayMs = 0 } = message
  checkSendOptions("publish()", { id, headers: { ...headers }, delayMs, ...(key === undefined ? {} : { key }) })
  const stored = {
    message_id: id,
    key: key ?? null,
    headers: encodeHeaders(headers),
    sent_at: Math.floor(sentAt),
    body: encodeBody(message.body, context.bodyBytesMax),
  }
  const now = context.store.now()
  return { stored, chosenId: true, visibleAt: Math.max(now, delayMs === 0 ? now : stored.sent_at + delayMs) }
}

function isPair<Body>(item: Body | [Body, SendOptions]): item is [Body, SendOptions] {
  return Array.isArray(item) && item.length === 2 && isSendOptions(item[1])
}
