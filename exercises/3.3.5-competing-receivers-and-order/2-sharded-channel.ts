import type { Broker, Consumer, PartitionedChannel, Queue } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type OrderEvent = { readonly orderId: string; readonly customerId: string; readonly what: "created" | "changed" | "cancelled" }
export type Kitchen = { handle(event: OrderEvent): Promise<void> }

/** A channel in pieces: every shard is a plain queue. `kitchens` are those at work now: they come and go, the shards stay. */
export type Shards = { readonly queues: readonly Queue<OrderEvent>[]; readonly kitchens: readonly Kitchen[] }

/** Task 4. The number of the shard, from 0 to count - 1, that gets everything about this order. */
export function shardOf(orderId: string, count: number): number {
  throw new Todo(4)
}

/** Task 5. Sends the event to the shard of its order. */
export function sendToShard(shards: Shards, event: OrderEvent): Promise<string> {
  throw new Todo(5)
}

/** Task 5. The kitchens share the shards out. Whenever a kitchen comes or goes, the consumers are stopped and this is called again. */
export function startKitchens(shards: Shards): Consumer[] {
  throw new Todo(5)
}

/** Task 6. The channel "order-events" of the broker, in four partitions. */
export function openOrders(broker: Broker): PartitionedChannel<OrderEvent> {
  throw new Todo(6)
}

/** Task 6. Sends an event to it. */
export function sendOrder(orders: PartitionedChannel<OrderEvent>, event: OrderEvent): Promise<string> {
  throw new Todo(6)
}

/** Task 6. A kitchen joins the others: from now on it has a share of the partitions. */
export function joinKitchen(orders: PartitionedChannel<OrderEvent>, kitchen: Kitchen): Consumer {
  throw new Todo(6)
}
