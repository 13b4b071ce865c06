import { Todo } from "#workbook/todo.ts"

/** What the kitchen needs to know of an order, and nothing else. */
export interface Ticket {
  readonly orderId: string
  readonly items: readonly { readonly name: string; readonly quantity: number }[]
  readonly handOver: "pickup" | "delivery" | "other"
  readonly note: string
}

/** Task 1. Reads the body of an `OrderCreated`, whichever version of the order service wrote it. Throws if nobody could cook from it. */
export function readTicket(body: unknown): Ticket {
  throw new Todo(1)
}

/** Task 2. The same event for those who come after the kitchen: as it came, and each item has its `station`. */
export function withStations(body: unknown, stationOf: (name: string) => string): unknown {
  throw new Todo(2)
}
