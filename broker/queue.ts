import { type ChannelOptions, type ChannelRow, channelChecks, Declared, declareChannel, validateBody } from "./channel.ts"
import { ClaimLoop } from "./claim-loop.ts"
import {
  attemptsMaxDefault,
  type ConsumeOptions,
  type Consumer,
  checkHandler,
  consumeChecks,
  type Handler,
  leaseMsDefault,
  type TransactionalHandler,
} from "./consumer.ts"
import type { BrokerContext } from "./context.ts"
import { type DeadLetters, StoredDeadLetters } from "./dead-letters.ts"
import { insertDeliveries, insertMessages, messageExists } from "./deliveries.ts"
import { type Delivery, LeasedDelivery, type Origin } from "./delivery.ts"
import type { SendOptions } from "./message.ts"
import { checkOptions, durationMs, flag, integer } from "./options.ts"
import { declareQueue, type QueueRow } from "./queue-row.ts"
import { claimQueue, type LeasePolicy, QueueSource } from "./queue-source.ts"
import { Sender, type Storage } from "./sender.ts"

export interface QueueOptions<Body> extends ChannelOptions<Body> {
  /** Messages of one key are handled one at a time, in the order sent; other keys go on in parallel. @default false */
  orderByKey?: boolean
}

/**
 * A point-to-point channel: each message is handled by one of the competing consumers, in this process or another.
 *
 * @see Hohpe and Woolf, "Point-to-Point Channel", "Competing Consumers"
 * @example
 * const orders = broker.queue<{ order: number }>("orders")
 * orders.consume(async (message) => console.log(message.body.order))
 * await orders.send({ order: 7 })
 */
export interface Queue<Body = unknown> {
  readonly name: string
  /** Resolves with the message's id when the message is committed. */
  send(body: Body, options?: SendOptions): Promise<string>
  /**
   * All in one commit, or none. An item that is an array of two with an object second is taken for `[body, options]`.
   */
  sendMany(items: Iterable<Body | [Body, SendOptions]>): Promise<string[]>
  consume(handler: TransactionalHandler<Body>, options: ConsumeOptions & { transactional: true }): Consumer
  consume(handler: Handler<Body>, options?: ConsumeOptions): Consumer
  /** Leases up to `max` (default 1) messages at once, for those who settle by hand. Without settling they come back after `leaseMs`. */
  receive(options?: { max?: number; leaseMs?: number }): Delivery<Body>[]
  readonly deadLetters: DeadLetters<Body>
}

const queueChecks = { ...channelChecks, orderByKey: flag }

export function openQueue<Body>(context: BrokerContext, name: string, options: QueueOptions<Body> = {}): Queue<Body> {
  checkOptions("queue()", options, queueChecks)
  return new DurableQueue<Body>(context, name, options)
}

/** A point-to-point channel has one queue, and a message is delivered to it. */
export function queueStorage({ store }: BrokerContext, queueOf: (channel: ChannelRow) => QueueRow): Storage {
  return {
    append: (channel, messages) => {
      const queue = queueOf(channel)
      // Whether an ordered delivery is due depends on those before it.
      const [id] = queue.ordered
        ? messages.map(({ stored, visibleAt }) => insertDeliveries(store, [queue], stored, { visibleAt }))
        : [insertMessages(store, [queue], messages)]
      return { isThere: () => messageExists(store, id as number, messages[0]?.stored.message_id as string) }
    },
  }
}

/** The one queue of a point-to-point channel. */
export function ownQueue(context: BrokerContext, channel: ChannelRow): QueueRow {
  return declareQueue(context.store, { channel: channel.id, subscription: "", ordered: channel.ordered === 1 })
}

/** What every consumer of a queue or a subscription needs to know before it starts. */
export function leasePolicy(origin: Origin, options: ConsumeOptions): LeasePolicy {
  return {
    origin,
    leaseMs: options.leaseMs ?? leaseMsDefault,
    attemptsMax: options.attemptsMax ?? attemptsMaxDefault,
    backoff: options.backoff ?? {},
  }
}

class DurableQueue<Body> implements Queue<Body> {
  readonly name: string
  readonly deadLetters: DeadLetters<Body>
  readonly #context: BrokerContext
  readonly #channel: Declared<ChannelRow>
  readonly #queue: Declared<QueueRow>
  readonly #sender: Sender<Body>
  readonly #validate: (body: unknown) => Body

  constructor(context: BrokerContext, name: string, options: QueueOptions<Body>) {
    const { orderByKey } = options
    this.name = name
    this.#context = context
    this.#channel = declareChannel(context, {
      name,
      kind: "queue",
      schema: options.schema,
      ...(orderByKey !== undefined && { ordered: orderByKey }),
    })
    this.#queue = new Declared(context.store, () => ownQueue(context, this.#channel.row))
    this.#validate = (body) => validateBody(options.schema, body, name)
    this.#sender = new Sender(
      context,
      this.#channel,
      queueStorage(context, () => this.#queue.row),
      options,
    )
    this.deadLetters = new StoredDeadLetters<Body>(
      context,
      () => this.#channel.row,
      () => [this.#queue.row],
    )
  }

  send(body: Body, options?: SendOptions): Promise<string> {
    return this.#sender.send("send()", body, options)
  }

  sendMany(items: Iterable<Body | [Body, SendOptions]>): Promise<string[]> {
    return this.#sender.sendMany("sendMany()", items)
  }

  consume(handler: Handler<Body> | TransactionalHandler<Body>, options: ConsumeOptions = {}): Consumer {
    this.#context.assertOpen()
    checkHandler("consume()", handler)
    checkOptions("consume()", options, consumeChecks)
    const origin = { channel: this.name }
    return ClaimLoop.start(this.#context, {
      source: new QueueSource(this.#context, () => this.#queue.row, leasePolicy(origin, options)),
      origin,
      channel: this.#channel.row.id,
      handler,
      validate: this.#validate,
      options,
    })
  }

  receive(options: { max?: number; leaseMs?: number } = {}): Delivery<Body>[] {
    this.#context.assertOpen()
    checkOptions("receive()", options, { max: integer(1, 10_000), leaseMs: durationMs(1) })
    const { store, uses } = this.#context
    const origin = { channel: this.name }
    uses.receive(origin)
    return store.transaction(() => {
      const leases = claimQueue(this.#context, this.#queue.row, leasePolicy(origin, options), { max: options.max ?? 1 })
      const deliveries = leases.map((lease) => new LeasedDelivery(this.#context, origin, lease, this.#validate))
      return deliveries.filter((delivery) => {
        if (delivery.flaw !== undefined) delivery.settle({ kind: "dead-letter", reason: delivery.flaw })
        else store.afterCommit(() => delivery.tell("delivered"))
        return delivery.flaw === undefined
      })
    })
  }
}
