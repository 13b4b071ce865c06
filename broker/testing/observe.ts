import type { Clock } from "../clock.ts"
import type { BrokerEvent } from "../events.ts"
import { type Broker, type BrokerOptions, openBroker } from "../index.ts"
import { isSendOptions, type Message, type OutgoingMessage, type Publisher, type SendOptions } from "../message.ts"
import type { Database } from "../storage/database.ts"
import type { Details } from "./history.ts"

export type { Broker, BrokerOptions }

/** The process that a broker is observed in. */
export interface ObservedProcess {
  readonly clock: Clock
  readonly random: () => number
  readonly dead: boolean
  /** How many handlers are to fail, and how many sends to be repeated. */
  refusals: number
  repeats: number
  record(event: string, details: Details): void
  operation(event: string, details: Details): number
  subscribed(destination: Destination, details: Details): void
}

// biome-ignore lint/suspicious/noExplicitAny: methods of several classes are replaced by others of the same signature
type Method = (...parameters: any[]) => any
type Channel = Record<string, Method>

/** Where deliveries come from: a queue, a topic's subscription, a partitioned channel's group. */
interface Destination {
  readonly channel: string
  readonly subscription?: string
  readonly group?: string
}

const eventNames = ["sent", "delivered", "acked", "nacked", "dead-lettered", "lease-lost", "relayed", "rebalanced", "committed"] as const

/**
 * A broker of a simulated process. It is a real one; what is sent and handled through it is written into the history,
 * and the faults "nack" and "duplicate" strike here.
 */
export function observedBroker(process: ObservedProcess, database: Database, options: Omit<BrokerOptions, "clock" | "random">): Broker {
  const broker = openBroker(database, { ...options, clock: process.clock, random: process.random })
  for (const name of eventNames) broker.events.on(name, (event: BrokerEvent) => process.record(name, detailsOf(event)))
  broker.events.on("failed", ({ operation, error }) => process.record("trouble", { what: operation, reason: String(error) }))

  const seen = new WeakSet<object>()
  const observing = (open: Method, observe: (channel: Channel, name: string, options: object) => void): Method =>
    function (this: Broker, name: string, channelOptions: Record<string, unknown> = {}) {
      const channel = open.call(broker, name, channelOptions)
      if (!seen.has(channel)) observe(channel, name, channelOptions)
      seen.add(channel)
      return channel
    }
  const publisherOf = broker.publisher.bind(broker)
  const methods: Record<string, Method> = {
    queue: observing(broker.queue, (...channel) => observeQueue(process, database, ...channel)),
    topic: observing(broker.topic, (topic, name) => observeTopic(process, database, topic, name)),
    partitioned: observing(broker.partitioned, (log, name) => observeLog(process, database, log, name)),
    publisher: () => observedPublisher(process, database, publisherOf()),
  }
  return Object.assign(broker, methods)
}

function observeQueue(
  process: ObservedProcess,
  database: Database,
  queue: Channel,
  channel: string,
  options: { orderByKey?: boolean },
): void {
  observeSends(process, database, queue, channel, "send")
  replace(queue, "consume", (consume) => (handler, settings) => {
    subscribed(process, { channel }, options.orderByKey === true ? "ordered queue" : "queue", settings)
    return consume(observedHandler(process, { channel }, handler), settings)
  })
  replace(queue, "receive", (receive) => (settings) => {
    const deliveries = receive(settings)
    for (const delivery of deliveries) observeAck(process, { channel }, delivery)
    return deliveries
  })
  const letters: object = (queue as unknown as { deadLetters: object }).deadLetters
  observeRedrive(process, { channel }, letters)
  Object.defineProperty(queue, "deadLetters", { value: letters })
}

function observeTopic(process: ObservedProcess, database: Database, topic: Channel, channel: string): void {
  observeSends(process, database, topic, channel, "publish")
  replace(topic, "subscribe", (subscribe) => (subscription, handler, settings) => {
    const consumer = subscribe(subscription, observedHandler(process, { channel, subscription }, handler), settings)
    subscribed(process, { channel, subscription }, "topic", settings)
    return consumer
  })
  replace(topic, "createSubscription", (create) => (subscription) => {
    create(subscription)
    process.record("subscribed", { channel, subscription, what: "topic" })
  })
  replace(topic, "deleteSubscription", (remove) => (subscription) => {
    process.record("unsubscribed", { channel, subscription })
    remove(subscription)
  })
  observeDeadLetters(process, topic, (subscription) => ({ channel, subscription }))
}

function observeLog(process: ObservedProcess, database: Database, log: Channel, channel: string): void {
  observeSends(process, database, log, channel, "send")
  replace(log, "consume", (consume) => (group, handler, settings) => {
    const consumer = consume(group, observedHandler(process, { channel, group }, handler), settings)
    subscribed(process, { channel, group }, settings?.from === "latest" ? "partitioned from latest" : "partitioned", settings)
    return consumer
  })
  replace(log, "seek", (seek) => (group, to) => {
    process.record("sought", { channel, group })
    seek(group, to)
  })
  observeDeadLetters(process, log, (group) => ({ channel, group }))
}

function observedPublisher(process: ObservedProcess, database: Database, publisher: Publisher): Publisher {
  const sending = ({ channel, id, key }: OutgoingMessage) => ({ channel, id, ...(key === undefined ? {} : { key }) })
  return {
    async publish(messages) {
      const publish = () => publisher.publish(messages).then(() => messages.map(({ id }) => id))
      await observedSend(process, database, messages.map(sending), publish)
    },
  }
}

function detailsOf({ messageId, time: _, ...rest }: BrokerEvent): Details {
  return messageId === undefined ? rest : { id: messageId, ...rest }
}

function replace(target: object, name: string, method: (original: Method) => Method): void {
  const channel = target as Channel
  channel[name] = method((channel[name] as Method).bind(channel))
}

function subscribed(
  process: ObservedProcess,
  destination: Destination,
  what: string,
  options: { leaseMs?: number; attemptsMax?: number } = {},
): void {
  process.subscribed(destination, { what, leaseMs: options.leaseMs ?? 30_000, attemptsMax: options.attemptsMax ?? 5 })
}

function observeSends(process: ObservedProcess, database: Database, target: object, channel: string, verb: "send" | "publish"): void {
  const sending = ({ id, key, delayMs }: SendOptions = {}): Details => ({
    channel,
    ...(id === undefined ? {} : { id }),
    ...(key === undefined ? {} : { key }),
    ...(delayMs === undefined ? {} : { what: "delayed" }),
  })
  replace(target, verb, (send) => (body: unknown, options?: SendOptions) => {
    const sent = observedSend(process, database, [sending(options)], () => send(body, options).then((id: string) => [id]))
    if (options?.id === undefined || process.repeats === 0) return sent.then(([id]) => id)
    process.repeats--
    return sent.then(([id]) => send(body, options).then(() => id))
  })
  replace(target, `${verb}Many`, (sendMany) => (items: Iterable<unknown>) => {
    const list = [...items]
    const options = list.map((item) => (Array.isArray(item) && item.length === 2 && isSendOptions(item[1]) ? item[1] : undefined))
    return observedSend(process, database, options.map(sending), () => sendMany(list))
  })
}

/**
 * Told before and after, so that a send which the process did not live to see the end of is known as such. What throws at
 * once throws at once here too: inside a transaction the sender relies on it.
 */
function observedSend(
  process: ObservedProcess,
  database: Database,
  sends: readonly Details[],
  send: () => Promise<string[]>,
): Promise<string[]> {
  // Inside a transaction the promise is no acceptance: the broker's own event tells of that, after the commit.
  const joins = database.inTransaction
  const operations = sends.map((details) => process.operation("sending", details))
  const end = (event: string, details: (index: number) => Details) => {
    for (const [index, operation] of operations.entries()) process.record(event, { ...sends[index], ...details(index), operation })
  }
  const failed = (error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error)
    end("send-failed", () => ({ reason }))
    throw error
  }
  const accepted = (ids: string[]) => {
    if (!joins) end("send-ok", (index) => ({ id: ids[index] as string }))
    return ids
  }
  let sent: Promise<string[]>
  try {
    sent = send()
  } catch (error) {
    return failed(error)
  }
  // Of a process that is dead nobody is left who could be told.
  return sent.then(accepted, (error) => (process.dead ? new Promise(() => {}) : failed(error)))
}

function observedHandler(process: ObservedProcess, destination: Destination, handler: Method): Method {
  if (typeof handler !== "function") return handler
  return (message: Message, second: unknown) => {
    if (process.refusals > 0) {
      process.refusals--
      throw new Error("A simulated fault made this handler fail.")
    }
    if (typeof (second as { ack?: unknown } | undefined)?.ack === "function") observeAck(process, destination, second as Message)
    const handled = () => process.record("handled", { ...destination, id: message.id, attempt: message.attempt })
    const result = handler(message, second)
    if (typeof result?.then !== "function") {
      handled()
      return result
    }
    return result.then((value: unknown) => {
      handled()
      return value
    })
  }
}

function observeDeadLetters(process: ObservedProcess, channel: object, destination: (name: string) => Destination): void {
  replace(channel, "deadLetters", (open) => (name: string) => {
    const letters = open(name)
    observeRedrive(process, destination(name), letters)
    return letters
  })
}

/** What is sent again begins anew. */
function observeRedrive(process: ObservedProcess, destination: Destination, letters: object): void {
  replace(letters, "redrive", (redrive) => (ids?: string[]) => {
    process.record("redriven", { ...destination })
    return redrive(ids)
  })
}

/** Who acknowledges by hand says by it that the message is handled. */
function observeAck(process: ObservedProcess, destination: Destination, delivery: Message): void {
  replace(delivery, "ack", (ack) => () => {
    process.record("handled", { ...destination, id: delivery.id, attempt: delivery.attempt })
    ack()
  })
}
