import type { Broker, Consumer } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export interface Offer {
  readonly orderId: string
  readonly courier: string
  readonly minutes: number
}

export interface Courier {
  readonly name: string
  /** In how many minutes it could fetch the order. `undefined`: it does not want to, and sends no offer. */
  minutesFor(orderId: string): Promise<number | undefined>
}

/** Task 8. A courier joins: it hears every request of the topic "delivery-requests" and answers to the channel that the request names. */
export function joinCourier(broker: Broker, courier: Courier): Consumer {
  throw new Todo(8)
}

/** Task 9. Starts listening for offers; what it returns asks all couriers and, a second later, knows the best offer. */
export function askCouriers(broker: Broker, wait: (ms: number) => Promise<void>): (orderId: string) => Promise<Offer | undefined> {
  throw new Todo(9)
}
