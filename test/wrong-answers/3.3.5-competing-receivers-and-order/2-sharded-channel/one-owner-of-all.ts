// ko: 샤드를 모두 첫 번째 주방에 준다. 다른 주방은 놀고 주문은 한 줄로 선다
// en: Gives every shard to the first kitchen: the others are idle, and all orders stand in one line
// caught by: [5]
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

/** Task 5. One kitchen for all the shards. */
export function startKitchens({ queues, kitchens: [first] }: Shards): Consumer[] {
  return first ? queues.map((queue) => queue.consume((message) => first.handle(message.body))) : []
}

/** Task 6. The number of partitions is the channel's for good: with another number every key would be elsewhere. */
export function openOrders(broker: Broker): PartitionedChannel<OrderEvent> {
  return broker.partitioned<OrderEvent>("order-events", { partitions: 4 })
}
export function sendOrder(orders: PartitionedChannel<OrderEvent>, event: OrderEvent): Promise<string> {
  return orders.send(event, { key: event.orderId })
}
/** Task 6. One group: its members share the partitions. A group of its own would get every event. */
export function joinKitchen(orders: PartitionedChannel<OrderEvent>, kitchen: Kitchen): Consumer {
  return orders.consume("kitchen", (message) => kitchen.handle(message.body))
}
