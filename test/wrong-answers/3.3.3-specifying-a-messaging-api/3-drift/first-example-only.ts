// ko: 예를 하나만 대 본다. 두 번째 메시지가 거절되는 것을 모른다
// en: Holds only the first example against the schema: that the second is refused goes unnoticed
// caught by: [8]
import { z } from "zod"
import type { Broker } from "#waystation"

const CookOrder = z.object({ orderId: z.string(), dish: z.string(), portions: z.int().min(1) })

/** Task 6. Schemas, not types alone, and both channels at once: `describe()` knows only what the broker has in hand. */
export function startKitchen(broker: Broker, cook: (orderId: string) => void): (orderId: string, rack: number) => Promise<unknown> {
  const ready = broker.topic("orders-ready", { schema: z.object({ orderId: z.string(), rack: z.int().min(1) }) })
  broker.queue("kitchen-commands", { schema: CookOrder }).consume(({ body }) => cook(body.orderId))
  return (orderId, rack) => ready.publish({ orderId, rack })
}

/** What a service does on a channel: its messages' JSON Schema, and some that are documented or were recorded there. */
export interface Operation {
  readonly action: "send" | "receive"
  readonly address: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly examples: readonly unknown[]
}

const nameOf = ({ action, address }: Operation) => `${action} ${address}`
const named = (operations: readonly Operation[], name: string) => operations.find((one) => nameOf(one) === name)

/** Task 7. Both ways: what was promised and is not there, and what is there and nobody knows of. */
export function drift(promised: readonly Operation[], served: readonly Operation[]): string[] {
  const gone = promised.map(nameOf).filter((name) => !named(served, name))
  const secret = served.map(nameOf).filter((name) => !named(promised, name))
  return [...gone.map((name) => `${name}: is not served`), ...secret.map((name) => `${name}: is not promised`)]
}

/** Task 8. Who sends keeps to the promise of who receives: of a client's messages to the service, or of the service's to a client. */
export function misfits(promised: readonly Operation[], served: readonly Operation[]): string[] {
  return promised.flatMap((promise) => {
    const runs = named(served, nameOf(promise))
    if (!runs) return []
    const [sent, reader] = promise.action === "receive" ? [promise, runs] : [runs, promise]
    const refused = sent.examples.slice(0, 1).filter((example) => !z.fromJSONSchema(reader.payload).safeParse(example).success)
    return refused.map((example) => `${nameOf(promise)}: ${JSON.stringify(example)} is refused`)
  })
}
