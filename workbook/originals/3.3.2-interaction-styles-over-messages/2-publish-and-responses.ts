import type { Broker, Consumer } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type OrderReady = { readonly orderId: string }
export type Offer = { readonly orderId: string; readonly courier: string; readonly minutes: number }
export type Timer = (ms: number, callback: () => void) => () => void

/** Task 4. The courier hears of every order on the topic "orders-ready", and sends an offer to the queue named in the header "reply-to". */
export function joinCourier(broker: Broker, courier: string, minutes: number): Consumer {
  throw new Todo(4)
}

/** How offers are collected: from this queue, until `enough` couriers have answered or `waitMs` have passed. */
export type Collecting = { readonly replies: string; readonly enough: number; readonly waitMs: number }

/** Task 5. Publishes that the order is ready, and returns the offers that came, the fastest first. */
export async function collectOffers(broker: Broker, orderId: string, collecting: Collecting, timer: Timer): Promise<Offer[]> {
  throw new Todo(5)
}
