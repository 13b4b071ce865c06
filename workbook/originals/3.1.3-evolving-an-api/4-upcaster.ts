import type { Consumer, PartitionedChannel } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** `OrderCreated`, third version. The first was `{ orderId, name, quantity }`, the second `{ orderId, items }`; both were for delivery. */
export interface OrderCreated {
  readonly orderId: string
  readonly items: readonly { readonly name: string; readonly quantity: number }[]
  readonly handOver: "pickup" | "delivery"
}

export interface Kitchen {
  cook(order: OrderCreated): Promise<void>
}

/** Task 8. The body of an event of this version as the third version says it. Throws if there is no such version. */
export function upcast(version: number, body: unknown): OrderCreated {
  throw new Todo(8)
}

/** Task 9. The kitchen cooks every order of the log. The header `version` says "2" or "3"; the oldest events have none. */
export function startKitchen(events: PartitionedChannel<unknown>, kitchen: Kitchen): Consumer {
  throw new Todo(9)
}
