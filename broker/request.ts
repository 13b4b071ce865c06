import type { StandardSchemaV1 } from "@standard-schema/spec"
import { type ChannelOptions, type ChannelRow, channelChecks, Declared, declareChannel, standardSchema, validateBody } from "./channel.ts"
import { ClaimLoop } from "./claim-loop.ts"
import { type ConsumeOptions, type Consumer, checkHandler, consumeChecks } from "./consumer.ts"
import type { BrokerContext, Stoppable } from "./context.ts"
import { deleteQueue, insertDeliveries } from "./deliveries.ts"
import type { Delivery, LeasedDelivery } from "./delivery.ts"
import { BrokerClosedError, ReplyTimeoutError } from "./errors.ts"
import { headersAreText, type Message, storedMessage } from "./message.ts"
import { checkOptions, durationMs } from "./options.ts"
import { leasePolicy, ownQueue, queueStorage } from "./queue.ts"
import { declareQueue, expiredQueues, findQueue, keepQueueUntil, type QueueRow } from "./queue-row.ts"
import { QueueSource } from "./queue-source.ts"
import { Sender } from "./sender.ts"

export interface RequestReplyOptions<Request, Reply> extends ChannelOptions<Request> {
  /** Checked where a reply is sent and where it arrives. `schema` is the request's. */
  replySchema?: StandardSchemaV1<unknown, Reply>
}

/**
 * Request and asynchronous reply: a request names the channel for its reply and an id to know it by. Requests are
 * messages like any other: they wait while nobody responds, and a responder that fails gets them again.
 *
 * @see Hohpe and Woolf, "Request-Reply", "Return Address", "Correlation Identifier"
 * @example
 * const prices = broker.requestReply<{ item: string }, { cents: number }>("prices")
 * prices.respond((message) => ({ cents: message.body.item.length * 100 }))
 * const { cents } = await prices.request({ item: "tea" })
 */
export interface RequestReply<Request = unknown, Reply = unknown> {
  readonly name: string
  /**
   * Resolves with the reply. A reply that comes after `timeoutMs` (default 30_000) is dropped.
   * @throws {ReplyTimeoutError}
   */
  request(body: Request, options?: { timeoutMs?: number; headers?: Record<string, string> }): Promise<Reply>
  /** What the handler returns is the reply; it is committed together with the request's acknowledgement. */
  respond(handler: (message: Message<Request>) => Reply | Promise<Reply>, options?: Omit<ConsumeOptions, "transactional">): Consumer
}

/** The headers that carry the pattern; a consumer in another language finds them there. */
export const replyToHeader = "reply-to"
export const correlationIdHeader = "correlation-id"

const timeoutMsDefault = 30_000
/** A requester's reply queue outlives its last sign of life by this long. */
const replyQueueMs = 90_000
const repliesAtOnce = 100

const { transactional: _, ...respondChecks } = consumeChecks

export function openRequestReply<Request, Reply>(
  context: BrokerContext,
  name: string,
  options: RequestReplyOptions<Request, Reply> = {},
): RequestReply<Request, Reply> {
  checkOptions("requestReply()", options, { ...channelChecks, replySchema: standardSchema })
  return new DurableRequestReply<Request, Reply>(context, name, options)
}

class DurableRequestReply<Request, Reply> implements RequestReply<Request, Reply> {
  readonly name: string
  readonly #context: BrokerContext
  readonly #channel: Declared<ChannelRow>
  readonly #requests: Declared<QueueRow>
  readonly #sender: Sender<Request>
  readonly #options: RequestReplyOptions<Request, Reply>

  constructor(context: BrokerContext, name: string, options: RequestReplyOptions<Request, Reply>) {
    this.name = name
    this.#context = context
    this.#options = options
    this.#channel = declareChannel(context, { name, kind: "request-reply", schema: options.schema, replySchema: options.replySchema })
    this.#requests = new Declared(context.store, () => ownQueue(context, this.#channel.row))
    this.#sender = new Sender(
      context,
      this.#channel,
      queueStorage(context, () => this.#requests.row),
      options,
    )
  }

  async request(body: Request, options: { timeoutMs?: number; headers?: Record<string, string> } = {}): Promise<Reply> {
    this.#context.assertOpen()
    checkOptions("request()", options, { timeoutMs: durationMs(1), headers: headersAreText })
    const replies = replyQueueOf(this.#context, this.#channel.row)
    const id = this.#context.ids.next(this.#context.store.now())
    const headers = { ...options.headers, [replyToHeader]: replies.name, [correlationIdHeader]: id }
    const validate = (body: unknown) => validateBody(this.#options.replySchema, body, this.name)
    const reply = replies.expect(id, options.timeoutMs ?? timeoutMsDefault, validate)
    this.#sender.send("request()", body, { headers }).catch((error: unknown) => replies.refuse(id, error))
    return reply
  }

  respond(handler: (message: Message<Request>) => Reply | Promise<Reply>, options: Omit<ConsumeOptions, "transactional"> = {}): Consumer {
    this.#context.assertOpen()
    checkHandler("respond()", handler)
    checkOptions("respond()", options, respondChecks)
    const origin = { channel: this.name }
    return ClaimLoop.start<Request>(this.#context, {
      source: new QueueSource(this.#context, () => this.#requests.row, leasePolicy(origin, options)),
      origin,
      channel: this.#channel.row.id,
      handler: async (message: Message<Request>, delivery: Delivery<Request>) => this.#reply(delivery, await handler(message)),
      validate: (body) => validateBody(this.#options.schema, body, this.name),
      options,
    })
  }

  async #reply(delivery: Delivery<Request>, body: Reply): Promise<void> {
    const { store, commit, wake } = this.#context
    const reply = storedMessage(
      validateBody(this.#options.replySchema, body, this.name),
      { headers: { [correlationIdHeader]: delivery.headers[correlationIdHeader] ?? delivery.id } },
      this.#context,
    )
    await commit.add(() => {
      if ((delivery as LeasedDelivery<Request>).settle({ kind: "ack" }) === "lost") return
      const channel = this.#channel.row.id
      const queue = findQueue(store, channel, delivery.headers[replyToHeader] ?? "")
      // Nobody waits any more: the requester closed, or died longer ago than its queue is kept.
      if (!queue || queue.subscription === "") return
      insertDeliveries(store, [queue], reply, { visibleAt: reply.sent_at })
      store.afterCommit(() => wake.signal(channel))
    })
  }
}

interface Waiting {
  resolve: (body: unknown) => void
  reject: (error: unknown) => void
  cancelTimeout: () => void
}

/** A broker has one for each channel, however often the channel is taken in hand. */
const replyQueues = new WeakMap<BrokerContext, Map<number, ReplyQueue>>()

function replyQueueOf(context: BrokerContext, channel: ChannelRow): ReplyQueue {
  const queues = replyQueues.get(context) ?? new Map<number, ReplyQueue>()
  replyQueues.set(context, queues)
  const replies = queues.get(channel.id) ?? new ReplyQueue(context, channel)
  queues.set(channel.id, replies)
  return replies
}

/** Where one requester's replies arrive. It is kept while the requester lives and goes with it. */
class ReplyQueue implements Stoppable {
  readonly name: string
  readonly #context: BrokerContext
  readonly #channel: ChannelRow
  readonly #queue: QueueRow
  readonly #consumer: Consumer
  readonly #waiting = new Map<string, Waiting>()

  constructor(context: BrokerContext, channel: ChannelRow) {
    const { store } = context
    this.#context = context
    this.#channel = channel
    this.name = `replies-${context.ids.next(store.now())}`
    this.#queue = store.transaction(() => {
      for (const expired of expiredQueues(store, channel.id, store.now())) deleteQueue(store, expired)
      const queue = declareQueue(store, { channel: channel.id, subscription: this.name, ordered: false })
      keepQueueUntil(store, queue.id, store.now() + replyQueueMs)
      return queue
    })
    const origin = { channel: channel.name, subscription: this.name }
    const source = new QueueSource(context, () => this.#queue, leasePolicy(origin, {}))
    this.#consumer = ClaimLoop.start<unknown>(context, {
      source: {
        claim: (max) => source.claim(max),
        nextDueAt: () => source.nextDueAt(),
        renew: () => keepQueueUntil(store, this.#queue.id, store.now() + replyQueueMs),
        leave: () => deleteQueue(store, this.#queue.id),
      },
      origin,
      channel: channel.id,
      handler: (message: Message) => this.#arrive(message),
      validate: (body) => body,
      options: { concurrency: repliesAtOnce },
    })
    context.running.add(this)
  }

  expect<Reply>(id: string, timeoutMs: number, validate: (body: unknown) => Reply): Promise<Reply> {
    return new Promise((fulfil, reject) => {
      const resolve = (body: unknown) => {
        try {
          fulfil(validate(body))
        } catch (error) {
          reject(error)
        }
      }
      const timeout = () => this.refuse(id, new ReplyTimeoutError(this.#channel.name, id, timeoutMs))
      this.#waiting.set(id, { resolve, reject, cancelTimeout: this.#context.clock.setTimer(timeoutMs, timeout) })
    })
  }

  refuse(id: string, error: unknown): void {
    const waiting = this.#take(id)
    waiting?.reject(error)
  }

  /** Those who wait are told that no reply will come. */
  async stop(): Promise<void> {
    for (const id of [...this.#waiting.keys()]) this.refuse(id, new BrokerClosedError())
    this.#context.running.delete(this)
    await this.#consumer.stop()
  }

  /** A second reply to one request, or one after the time-out, finds nobody and is dropped. */
  #arrive(message: Message): void {
    this.#take(message.headers[correlationIdHeader] ?? "")?.resolve(message.body)
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.cancelTimeout()
    return waiting
  }
}
