// ko: 이미 세 번째 버전인 이벤트의 handOver까지 기본값으로 덮어쓴다
// en: Overwrites `handOver` with the default in events that have one
// caught by: [8]
import type { Consumer, PartitionedChannel } from "#waystation"

/** `OrderCreated`, third version. The first was `{ orderId, name, quantity }`, the second `{ orderId, items }`; both were for delivery. */
export interface OrderCreated {
  readonly orderId: string
  readonly items: readonly { readonly name: string; readonly quantity: number }[]
  readonly handOver: "pickup" | "delivery"
}

export interface Kitchen {
  cook(order: OrderCreated): Promise<void>
}

type Body = Readonly<Record<string, unknown>>

/** From each version to the next: a fourth needs one line more, and none of these changes. */
const steps: readonly ((body: Body) => Body)[] = [
  ({ name, quantity, ...rest }) => ({ ...rest, items: [{ name, quantity }] }),
  (body) => ({ ...body, handOver: "delivery" }),
]

/** Task 8. The body of an event of this version as the third version says it. Throws if there is no such version. */
export function upcast(version: number, body: unknown): OrderCreated {
  const newest = steps.length + 1
  const known = Number.isInteger(version) && version >= 1 && version <= newest
  if (!known) throw new RangeError(`There is no version ${version}, only 1 to ${newest}.`)
  const upcasted = steps.slice(version - 1).reduce((event, step) => step(event), body as Body) as unknown as OrderCreated
  return { ...upcasted, handOver: "delivery" }
}

/** Task 9. What it cannot read ends among the dead letters, where somebody finds it once the kitchen can. */
export function startKitchen(events: PartitionedChannel<unknown>, kitchen: Kitchen): Consumer {
  return events.consume("kitchen", (message, delivery) => {
    let order: OrderCreated
    try {
      order = upcast(Number(message.headers.version ?? 1), message.body)
    } catch (error) {
      // Trying again would not help, and the orders behind it would wait.
      return delivery.deadLetter(String(error))
    }
    return kitchen.cook(order)
  })
}
