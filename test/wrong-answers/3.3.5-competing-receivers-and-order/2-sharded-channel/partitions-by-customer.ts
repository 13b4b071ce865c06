// ko: 파티션의 키를 고객으로 잡는다. 주문이 많은 고객 하나가 파티션 하나를 막는다
// en: Takes the customer as the key of the partitions: a customer with many orders fills one partition
// caught by: [6]
import { createHash } from "node:crypto"
import type { Broker, Consumer, PartitionedChannel, Queue } from "#waystation"

export type OrderEvent = { readonly orderId: string; readonly customerId: string; readonly what: "created" | "changed" | "cancelled" }
export type Kitchen = { handle(event: OrderEvent): Promise<void> }

/** A channel in pieces: every shard is a plain queue. `kitchens` are those at work now: they come and go, the shards stay. */
export type Shards = { readonly queues: readonly Queue<OrderEvent>[]; readonly kitchens: readonly Kitchen[] }

/** Task 4. Depends on the text of the id and on nothing else, so every sender, today and next year, finds the same shard. */
export function shardOf(orderId: string, count: number): number {
  return createHash("md5").update(orderId).digest().readUInt32BE() % count
}

/** Task 5. By the number of shards, which stays, not by the number of kitchens, which changes. */
export function sendToShard(shards: Shards, event: OrderEvent): Promise<string> {
  const queue = shards.queues[shardOf(event.orderId, shards.queues.length)]
  return queue ? queue.send(event) : Promise.reject(new RangeError(`There is no shard for ${event.orderId}.`))
}

/** Task 5. Each shard has one consumer, so nobody competes within a shard; each kitchen has several shards. */
export function startKitchens({ queues, kitchens }: Shards): Consumer[] {
  const ownerOf = (shard: number) => shard % kitchens.length
  return kitchens.flatMap((kitchen, index) =>
    queues.filter((_, shard) => ownerOf(shard) === index).map((queue) => queue.consume((message) => kitchen.handle(message.body))),
  )
}

/** Task 6. The number of partitions is the channel's for good: with another number every key would be elsewhere. */
export function openOrders(broker: Broker): PartitionedChannel<OrderEvent> {
  return broker.partitioned<OrderEvent>("order-events", { partitions: 4 })
}
export function sendOrder(orders: PartitionedChannel<OrderEvent>, event: OrderEvent): Promise<string> {
  return orders.send(event, { key: event.customerId })
}
/** Task 6. One group: its members share the partitions. A group of its own would get every event. */
export function joinKitchen(orders: PartitionedChannel<OrderEvent>, kitchen: Kitchen): Consumer {
  return orders.consume("kitchen", (message) => kitchen.handle(message.body))
}
