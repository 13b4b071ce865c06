import { type ChannelOptions, type ChannelRow, channelChecks, Declared, declareChannel, validateBody } from "./channel.ts"
import { ClaimLoop } from "./claim-loop.ts"
import { type ConsumeOptions, type Consumer, checkHandler, consumeChecks, type Handler, type TransactionalHandler } from "./consumer.ts"
import type { BrokerContext } from "./context.ts"
import { type DeadLetters, deleteDeadLetters, StoredDeadLetters } from "./dead-letters.ts"
import { deleteQueue, insertMessages, messageExists } from "./deliveries.ts"
import { BrokerError } from "./errors.ts"
import type { SendOptions } from "./message.ts"
import { channelName, checkOptions } from "./options.ts"
import { leasePolicy } from "./queue.ts"
import { declareQueue, findQueue, type QueueRow, queuesOf } from "./queue-row.ts"
import { QueueSource } from "./queue-source.ts"
import { Sender, type Storage } from "./sender.ts"

/**
 * A publish-subscribe channel: every subscription gets its own copy of each message published from its creation on,
 * and within a subscription consumers compete. A subscription is a queue: it keeps its messages while nobody listens.
 *
 * @see Hohpe and Woolf, "Publish-Subscribe Channel", "Durable Subscriber"
 * @example
 * const events = broker.topic<{ type: string }>("order-events")
 * events.subscribe("kitchen", (message) => console.log(message.body.type))
 * await events.publish({ type: "OrderCreated" })
 */
export interface Topic<Body = unknown> {
  readonly name: string
  /** Resolves with the message's id when every subscription's copy is committed. With no subscription it goes to nobody. */
  publish(body: Body, options?: SendOptions): Promise<string>
  /** All in one commit, or none. An item that is an array of two with an object second is taken for `[body, options]`. */
  publishMany(items: Iterable<Body | [Body, SendOptions]>): Promise<string[]>
  /** Creates the subscription if it is not there, and consumes from it. */
  subscribe(subscription: string, handler: TransactionalHandler<Body>, options: ConsumeOptions & { transactional: true }): Consumer
  subscribe(subscription: string, handler: Handler<Body>, options?: ConsumeOptions): Consumer
  /** Durable from here on, also with nobody listening. One that is there already stays as it is. */
  createSubscription(subscription: string): void
  /** Removes it with everything that waits in it, dead letters too. One that is not there is fine. */
  deleteSubscription(subscription: string): void
  deadLetters(subscription: string): DeadLetters<Body>
}

export function openTopic<Body>(context: BrokerContext, name: string, options: ChannelOptions<Body> = {}): Topic<Body> {
  checkOptions("topic()", options, channelChecks)
  return new DurableTopic<Body>(context, name, options)
}

/** A topic's message is stored once, whoever many subscriptions get a delivery of it. */
export function topicStorage(context: BrokerContext): Storage {
  return {
    append: (channel, messages) => {
      const id = insertMessages(context.store, queuesOf(context.store, channel.id), messages)
      return { isThere: () => messageExists(context.store, id, messages[0]?.stored.message_id as string) }
    },
  }
}

class DurableTopic<Body> implements Topic<Body> {
  readonly name: string
  readonly #context: BrokerContext
  readonly #channel: Declared<ChannelRow>
  readonly #sender: Sender<Body>
  readonly #validate: (body: unknown) => Body

  constructor(context: BrokerContext, name: string, options: ChannelOptions<Body>) {
    this.name = name
    this.#context = context
    this.#channel = declareChannel(context, { name, kind: "topic", schema: options.schema })
    this.#validate = (body) => validateBody(options.schema, body, name)
    this.#sender = new Sender(context, this.#channel, topicStorage(context), options)
  }

  publish(body: Body, options?: SendOptions): Promise<string> {
    return this.#sender.send("publish()", body, options)
  }

  publishMany(items: Iterable<Body | [Body, SendOptions]>): Promise<string[]> {
    return this.#sender.sendMany("publishMany()", items)
  }

  subscribe(subscription: string, handler: Handler<Body> | TransactionalHandler<Body>, options: ConsumeOptions = {}): Consumer {
    this.#context.assertOpen()
    checkHandler("subscribe()", handler)
    checkOptions("subscribe()", options, consumeChecks)
    const queue = this.#declare(subscription)
    const origin = { channel: this.name, subscription }
    return ClaimLoop.start(this.#context, {
      source: new QueueSource(this.#context, () => queue.row, leasePolicy(origin, options)),
      origin,
      channel: this.#channel.row.id,
      handler,
      validate: this.#validate,
      options,
    })
  }

  createSubscription(subscription: string): void {
    this.#context.assertOpen()
    this.#declare(subscription)
  }

  deleteSubscription(subscription: string): void {
    this.#context.assertOpen()
    channelName(subscription, "A subscription's name")
    const { store } = this.#context
    store.transaction(() => {
      const queue = findQueue(store, this.#channel.row.id, subscription)
      if (!queue) return
      deleteQueue(store, queue.id)
      deleteDeadLetters(store, queue.id)
    })
  }

  deadLetters(subscription: string): DeadLetters<Body> {
    channelName(subscription, "A subscription's name")
    return new StoredDeadLetters<Body>(
      this.#context,
      () => this.#channel.row,
      () => [this.#find(subscription)],
    )
  }

  #declare(subscription: string): Declared<QueueRow> {
    channelName(subscription, "A subscription's name")
    const { store } = this.#context
    return new Declared(store, () => declareQueue(store, { channel: this.#channel.row.id, subscription, ordered: false }))
  }

  #find(subscription: string): QueueRow {
    const { store } = this.#context
    const channel = this.#channel.row.id
    const found = findQueue(store, channel, subscription)
    if (found) return found
    const known = queuesOf(store, channel).map((queue) => `"${queue.subscription}"`)
    throw new BrokerError(
      "UNKNOWN_SUBSCRIPTION",
      `Topic "${this.name}" has no subscription "${subscription}": it has ${known.join(", ") || "none yet"}.`,
    )
  }
}
