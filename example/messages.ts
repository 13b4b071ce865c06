/** What the services know of each other: the channels and what is sent over them. Nobody calls anybody. */
import type { Broker, PartitionedChannel, Queue } from "#waystation" // in a project of your own: "waystation"
import type { Order, Validation } from "./domain.ts"

export type OrderEvent =
  | { readonly type: "OrderCreated"; readonly orderId: string; readonly order: Order }
  | { readonly type: "OrderCancelled"; readonly orderId: string }

export interface Channels {
  /** With the order's id as key, so that no order is cancelled before it is created. */
  readonly orderEvents: PartitionedChannel<OrderEvent>
  /** The answers. Their order does not matter, so any free hand may take the next one. */
  readonly validations: Queue<Validation>
}

/** Each service declares them: whichever starts first makes them, and a relay finds them there. */
export function openChannels(broker: Broker): Channels {
  return {
    orderEvents: broker.partitioned<OrderEvent>("order-events", { partitions: 4 }),
    validations: broker.queue<Validation>("order-validations"),
  }
}

/**
 * How long a killed process is waited for before another gets its messages, or takes over its relay. So short only
 * to keep you from waiting: at the defaults, a busy machine is not taken for a dead one.
 */
export const leaseMs = 1_000
