import { type ChannelOptions, type ChannelRow, channelChecks, Declared, declareChannel, validateBody } from "./channel.ts"
import { ClaimLoop } from "./claim-loop.ts"
import { type ConsumeOptions, type Consumer, checkHandler, consumeChecks, type Handler, type TransactionalHandler } from "./consumer.ts"
import type { BrokerContext } from "./context.ts"
import { insertCursor, resetCursor } from "./cursor.ts"
import { type DeadLetters, StoredDeadLetters } from "./dead-letters.ts"
import { clearQueue } from "./deliveries.ts"
import { BrokerError } from "./errors.ts"
import { findGroup, type GroupRow, groupsOf, insertGroup, newGeneration } from "./group.ts"
import { retryQueuesOf } from "./group-retry.ts"
import { GroupSource } from "./group-source.ts"
import {
  appendToLog,
  declarePartitions,
  isInLog,
  type LogPlace,
  offsetAt,
  type PartitionRow,
  partitionsOf,
  prune,
  type Retention,
} from "./log.ts"
import type { SendOptions } from "./message.ts"
import { channelName, checkOptions, durationMs, integer, oneOf, shown, text } from "./options.ts"
import { partitionOf } from "./partition.ts"
import { leasePolicy } from "./queue.ts"
import { Sender, type Storage } from "./sender.ts"
import type { ChannelDeclaration } from "./uses.ts"

export interface PartitionedOptions<Body> extends ChannelOptions<Body> {
  /** Fixed for the life of the file: another count would send keys elsewhere. 1 to 1,000. */
  partitions: number
  /** What is kept of the log, read or unread. @default everything */
  retention?: Retention
}

export interface GroupOptions extends ConsumeOptions {
  /** Where a group begins that the file does not know yet. @default "earliest" */
  from?: "earliest" | "latest"
}

/** Where to set a group: `offsets` by partition; partitions that it does not name stay where they are. */
export type SeekTarget = "earliest" | "latest" | { sentAt: number } | { offsets: Record<number, number> }

/**
 * An append-only log in partitions. Competing consumers of one queue overtake each other; here a key (an order's id) leads
 * to one partition (`partitionOf`), a partition belongs to one member of a group at a time (`group.ts`), and a member
 * handles one message of a key at a time (`group-source.ts`). So messages of a key keep their order, and the work is shared.
 * A message that fails steps aside with its key (`group-retry.ts`); a group's place in the log is a cursor (`cursor.ts`).
 * Every group reads the whole log, from the beginning if it wants.
 *
 * @see "sharded channel" in Microservices Patterns, 3.3.5; Kafka's topics and consumer groups
 * @example
 * const orders = broker.partitioned<{ type: string }>("orders", { partitions: 8 })
 * orders.consume("kitchen", (message) => console.log(message.key, message.body.type), { concurrency: 4 })
 * await orders.send({ type: "OrderCreated" }, { key: "order-7" })
 */
export interface PartitionedChannel<Body = unknown> {
  readonly name: string
  readonly partitions: number
  /** Resolves with the message's id when the message is committed. `delayMs` is refused: a log has no later. */
  send(body: Body, options: SendOptions & { key: string }): Promise<string>
  /** All in one commit, or none. */
  sendMany(items: Iterable<[Body, SendOptions & { key: string }]>): Promise<string[]>
  /** The partition of a key, as Kafka's default partitioner finds it. */
  partitionOf(key: string): number
  /** Joins the group. `concurrency` is how many keys this member handles side by side. */
  consume(group: string, handler: TransactionalHandler<Body>, options: GroupOptions & { transactional: true }): Consumer
  consume(group: string, handler: Handler<Body>, options?: GroupOptions): Consumer
  /**
   * Sets the group's place in the log. What it had in progress or to be retried is dropped: it counts as handled, or is
   * read again, as the new place has it. Dead letters stay.
   */
  seek(group: string, to: SeekTarget): void
  deadLetters(group: string): DeadLetters<Body>
}

const partitionedChecks = {
  ...channelChecks,
  partitions: integer(1, 1_000),
  retention: (value: unknown, name: string) => checkOptions(name, value, { ageMs: durationMs(1), messagesMax: integer(1) }),
}
const groupChecks = { ...consumeChecks, from: oneOf("earliest", "latest") }

export function openPartitioned<Body>(context: BrokerContext, name: string, options: PartitionedOptions<Body>): PartitionedChannel<Body> {
  checkOptions("partitioned()", options, partitionedChecks)
  partitionedChecks.partitions(options?.partitions, 'Option "partitions" of partitioned()')
  return new PartitionedLog<Body>(context, name, options)
}

export function partitionedStorage(context: BrokerContext, retention?: Retention): Storage {
  const { store } = context
  return {
    append: (channel, messages) => {
      const stored = messages.map((message) => message.stored)
      const found = appendToLog(store, channel, stored)
      if (retention) prune(store, channel.id, retention, messages.length)
      const last = found.at(-1) as LogPlace
      return {
        places: found.map(({ number, position }) => ({ partition: number, offset: position })),
        isThere: () => isInLog(store, last.partition, last.position, stored.at(-1)?.message_id as string),
      }
    },
    check(where, { key, delayMs }) {
      if (key === undefined) throw new TypeError(`Option "key" of ${where} must be given, it decides the partition: got undefined.`)
      if (delayMs)
        throw new TypeError(`Option "delayMs" of ${where} cannot be honoured: a log is read in the order it was written. Use a queue.`)
    },
  }
}

class PartitionedLog<Body> implements PartitionedChannel<Body> {
  readonly name: string
  readonly partitions: number
  readonly #context: BrokerContext
  readonly #channel: Declared<ChannelRow>
  readonly #sender: Sender<Body>
  readonly #validate: (body: unknown) => Body

  constructor(context: BrokerContext, name: string, options: PartitionedOptions<Body>) {
    const { partitions, retention, schema } = options
    this.name = name
    this.partitions = partitions
    this.#context = context
    this.#channel = declareLog(context, { name, kind: "partitioned", partitions, schema })
    this.#validate = (body) => validateBody(schema, body, name)
    this.#sender = new Sender(context, this.#channel, partitionedStorage(context, retention), options)
  }

  send(body: Body, options: SendOptions & { key: string }): Promise<string> {
    return this.#sender.send("send()", body, options)
  }

  sendMany(items: Iterable<[Body, SendOptions & { key: string }]>): Promise<string[]> {
    return this.#sender.sendMany("sendMany()", items)
  }

  partitionOf(key: string): number {
    text(1_000)(key, "A key")
    return partitionOf(key, this.partitions)
  }

  consume(group: string, handler: Handler<Body> | TransactionalHandler<Body>, options: GroupOptions = {}): Consumer {
    this.#context.assertOpen()
    channelName(group, "A group's name")
    checkHandler("consume()", handler)
    checkOptions("consume()", options, groupChecks)
    const origin = { channel: this.name, group }
    const source = this.#context.store.transaction(() => {
      const row = this.#declareGroup(group, options.from ?? "earliest")
      return new GroupSource(this.#context, row, leasePolicy(origin, options))
    })
    return ClaimLoop.start(this.#context, {
      source,
      origin,
      channel: this.#channel.row.id,
      handler,
      validate: this.#validate,
      options,
    })
  }

  seek(group: string, to: SeekTarget): void {
    this.#context.assertOpen()
    channelName(group, "A group's name")
    const { store, wake } = this.#context
    store.transaction(() => {
      const row = this.#declareGroup(group, "earliest")
      const partitions = partitionsOf(store, this.#channel.row.id)
      const offsets = targetOffsets(partitions, to, (partition, sentAt) => offsetAt(store, partition, sentAt))
      const generation = newGeneration(store, row.id)
      for (const retries of retryQueuesOf(store, row)) if (offsets.has(retries.partition)) clearQueue(store, retries.id)
      for (const { id, number } of partitions) {
        const committed = offsets.get(number)
        if (committed !== undefined) resetCursor(store, row.id, { partition: id, generation, committed })
      }
      store.afterCommit(() => wake.signal(row.channel))
    })
  }

  deadLetters(group: string): DeadLetters<Body> {
    channelName(group, "A group's name")
    return new StoredDeadLetters<Body>(
      this.#context,
      () => this.#channel.row,
      () => retryQueuesOf(this.#context.store, this.#findGroup(group)),
    )
  }

  #declareGroup(name: string, from: "earliest" | "latest"): GroupRow {
    const { store } = this.#context
    const channel = this.#channel.row.id
    const found = findGroup(store, channel, name)
    if (found) return found
    const partitions = partitionsOf(store, channel)
    const ids = partitions.map((partition) => partition.id)
    const group = insertGroup(store, channel, name, ids)
    for (const { id, start_offset, end_offset } of partitions) {
      insertCursor(store, group.id, id, from === "earliest" ? start_offset : end_offset)
    }
    return group
  }

  #findGroup(name: string): GroupRow {
    const { store } = this.#context
    const channel = this.#channel.row.id
    const found = store.read(() => findGroup(store, channel, name))
    if (found) return found
    const known = groupsOf(store, channel).map((group) => `"${group.name}"`)
    throw new BrokerError("UNKNOWN_GROUP", `Channel "${this.name}" has no group "${name}": it has ${known.join(", ") || "none yet"}.`)
  }
}

function declareLog(context: BrokerContext, declaration: ChannelDeclaration & { partitions: number }): Declared<ChannelRow> {
  const channel = declareChannel(context, declaration)
  const { store } = context
  return new Declared(store, () => {
    const { row } = channel
    if (partitionsOf(store, row.id).length === 0) store.transaction(() => declarePartitions(store, row.id, declaration.partitions))
    return row
  })
}

/** The offset for each partition that is to move. */
function targetOffsets(
  partitions: PartitionRow[],
  to: SeekTarget,
  find: (partition: PartitionRow, sentAt: number) => number,
): Map<number, number> {
  if (to === "earliest") return new Map(partitions.map((partition) => [partition.number, partition.start_offset]))
  if (to === "latest") return new Map(partitions.map((partition) => [partition.number, partition.end_offset]))
  if (to !== null && typeof to === "object" && "sentAt" in to && Object.keys(to).length === 1) {
    if (typeof to.sentAt !== "number" || Number.isNaN(to.sentAt)) {
      throw new TypeError(`"sentAt" of seek() must be a number, milliseconds since the epoch: got ${shown(to.sentAt)}.`)
    }
    return new Map(partitions.map((partition) => [partition.number, find(partition, to.sentAt)]))
  }
  if (to !== null && typeof to === "object" && "offsets" in to && Object.keys(to).length === 1) {
    return checkedOffsets(partitions, to.offsets)
  }
  throw new TypeError(`The target of seek() must be "earliest", "latest", { sentAt } or { offsets }: got ${shown(to)}.`)
}

function checkedOffsets(partitions: PartitionRow[], offsets: Record<number, number>): Map<number, number> {
  if (offsets === null || typeof offsets !== "object") {
    throw new TypeError(`"offsets" of seek() must be an object of offsets by partition: got ${shown(offsets)}.`)
  }
  return new Map(
    Object.entries(offsets).map(([name, offset]) => {
      const partition = partitions.find((candidate) => String(candidate.number) === name)
      if (!partition) throw new RangeError(`Partition ${shown(name)} of seek() must be one of 0 to ${partitions.length - 1}.`)
      integer(partition.start_offset, partition.end_offset)(offset, `The offset for partition ${name} of seek()`)
      return [partition.number, offset]
    }),
  )
}
