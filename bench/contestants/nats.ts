import { AckPolicy, jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import { partitionOf } from "../../broker/partition.ts"
import type { Channel, Contestant, Handle, Order, Place } from "../contestant.ts"
import { hands } from "./hands.ts"

export async function open({ port }: Place): Promise<Contestant> {
  const connection = await connect({ servers: `127.0.0.1:${port}` })
  const manager = await jetstreamManager(connection)
  const client = jetstream(connection)
  await manager.streams.add({ name: "orders", subjects: ["orders.*"], storage: StorageType.File })

  /** Several durable consumers of the stream; a subject to filter by makes one a partition's. */
  async function channelOf(consumers: { name: string; filter_subject?: string }[], subjectOf: (key: string) => string): Promise<Channel> {
    for (const { name, ...filter } of consumers) {
      await manager.consumers.add("orders", { durable_name: name, ack_policy: AckPolicy.Explicit, max_ack_pending: 10_000, ...filter })
    }
    return {
      send: (order, key) => client.publish(subjectOf(key), JSON.stringify(order)),
      consume: (handle, handlers) => Promise.all(consumers.map(({ name }) => consume(name, handle, handlers))),
      settled: () => connection.flush(),
    }
  }

  async function consume(name: string, handle: Handle, handlers: number): Promise<void> {
    const run = hands(handlers)
    const consumer = await client.consumers.get("orders", name)
    await consumer.consume({
      max_messages: 1_000,
      callback: (message) => run(() => handle(message.json<Order>()).then(() => message.ack())),
    })
  }

  return {
    queue: () => channelOf([{ name: "queue" }], () => "orders.all"),
    topic: (subscriptions) =>
      channelOf(
        Array.from({ length: subscriptions }, (_, number) => ({ name: `subscription-${number}` })),
        () => "orders.all",
      ),
    async partitioned(partitions) {
      const names = Array.from({ length: partitions }, (_, number) => ({ name: `partition-${number}`, filter_subject: `orders.${number}` }))
      const channel = await channelOf(names, (key) => `orders.${partitionOf(key, partitions)}`)
      // One at a time within a partition keeps the order of its keys.
      return { ...channel, consume: (handle) => channel.consume(handle, 1) }
    },
    close: () => connection.close(),
  }
}
