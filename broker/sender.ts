import { assertValidAgain, type ChannelOptions, type ChannelRow, type Declared, validateBody } from "./channel.ts"
import type { BrokerContext } from "./context.ts"
import { BrokerClosedError } from "./errors.ts"
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

/** Where messages came to stand. */
export interface Appended {
  /** Of each, in a log. */
  readonly places?: readonly { partition: number; offset: number }[]
  /** Whether they are still there, for a transaction of which only the end was seen. */
  isThere(): boolean
}

/** How one kind of channel stores messages. */
export interface Storage {
  /** Stores them in this order. Called inside a transaction. */
  append(channel: ChannelRow, messages: readonly Prepared[]): Appended
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
    return this.#commit(this.#append, () => this.#prepare(where, body, options))
  }

  /** All in one commit, or none. */
  sendMany(where: string, items: Iterable<Body | [Body, SendOptions]>): Promise<string[]> {
    return this.#commit(this.#appendLists, () => {
      if (typeof (items as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== "function" || typeof items === "string") {
        throw new TypeError(`The items of ${where} must be an iterable of bodies, or of [body, options]: got ${shown(items)}.`)
      }
      return Array.from(items, (item) => {
        const [body, options] = isPair<Body>(item) ? item : [item as Body, undefined]
        return this.#prepare(where, body, options)
      })
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

  /** `prepare` checks, and returns what `work` stores. */
  #commit<Item, Result>(work: (items: readonly Item[]) => Result[], prepare: () => Item): Promise<Result> {
    const { store, commit, closed } = this.#context
    if (closed) return Promise.reject(new BrokerClosedError())
    if (store.inTransaction) {
      const item = prepare()
      return Promise.resolve(store.transaction(() => work([item])[0] as Result))
    }
    try {
      return commit.addTogether(work, prepare())
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** The same function at each send: by it, the sends of one turn are known to belong together. */
  readonly #append = (messages: readonly Prepared[]): string[] => {
    appendMessages(this.#context, this.#channel.row, this.#storage, messages, this.#options.deduplicationMs ?? deduplicationMsDefault)
    return messages.map((message) => message.stored.message_id)
  }

  readonly #appendLists = (lists: readonly Prepared[][]): string[][] => lists.map(this.#append)
}

/** Stores messages in order, but for those whose id was here within the window, and tells those who wait for them. */
export function appendMessages(
  context: BrokerContext,
  channel: ChannelRow,
  storage: Storage,
  messages: readonly Prepared[],
  deduplicationMs: number,
): void {
  const { store, wake, events } = context
  const fresh = messages.filter(({ chosenId, stored }) => !(chosenId && isDuplicate(store, channel.id, stored.message_id, deduplicationMs)))
  if (fresh.length === 0) return
  const { places, isThere } = storage.append(channel, fresh)
  store.afterCommit(() => {
    wake.signal(channel.id)
    if (!events.isHeard("sent")) return
    for (const [index, { stored }] of fresh.entries()) {
      const { message_id: messageId, key } = stored
      const place = places?.[index]
      events.tell("sent", () => ({ channel: channel.name, messageId, ...(key === null ? {} : { key }), ...place, time: store.now() }))
    }
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
