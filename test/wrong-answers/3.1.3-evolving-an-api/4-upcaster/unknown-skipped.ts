// ko: 읽지 못하는 이벤트를 건너뛴다. 처리된 것으로 확인되어 아무 데도 남지 않는다
// en: Skips what it cannot read: that counts as handled, and the event is nowhere
// caught by: [9]
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
  return steps.slice(version - 1).reduce((event, step) => step(event), body as Body) as unknown as OrderCreated
}

/** Task 9. What it cannot read ends among the dead letters, where somebody finds it once the kitchen can. */
export function startKitchen(events: PartitionedChannel<unknown>, kitchen: Kitchen): Consumer {
  return events.consume("kitchen", (message) => {
    let order: OrderCreated
    try {
      order = upcast(Number(message.headers.version ?? 1), message.body)
    } catch {
      return
    }
    return kitchen.cook(order)
  })
}
