import { z } from "zod"
import type { Broker } from "#waystation"

type Described = ReturnType<Broker["describe"]>

/** What a service does on a channel, as task 7 gets it. */
export interface Operation {
  readonly action: "send" | "receive"
  readonly address: string
  readonly payload: Schema
  readonly examples: readonly unknown[]
}
type Schema = Readonly<Record<string, unknown>>

const text = { type: "string" }
const count = { type: "integer", minimum: 1 }
const schema = (properties: object, ...required: string[]) => ({ type: "object", properties, required })

/** What the kitchen promised: written by hand, and agreed with those who use it. */
export const promised: readonly Operation[] = [
  {
    action: "receive",
    address: "kitchen-commands",
    payload: schema({ orderId: text, dish: text, portions: count }, "orderId", "dish", "portions"),
    examples: [{ orderId: "order-7", dish: "bibimbap", portions: 2 }],
  },
  {
    action: "send",
    address: "orders-ready",
    payload: schema({ orderId: text, rack: count }, "orderId", "rack"),
    examples: [{ orderId: "order-7", rack: 3 }],
  },
]

/** Two years later: one channel is called otherwise, and another is there that nobody was told of. */
export function startRenamedKitchen(broker: Broker): void {
  broker.queue("kitchen-orders", { schema: z.object({ orderId: z.string() }) }).consume(() => {})
  broker.topic("orders-ready", { schema: z.object({ orderId: z.string(), rack: z.int().min(1) }) })
  broker.topic("orders-burnt", { schema: z.object({ orderId: z.string() }) })
}

/** The operations of what `describe()` wrote: its keys are the addresses. Without a schema, anything goes. */
export function operationsIn(document: Described): Operation[] {
  return Object.values(document.operations).map((operation) => {
    const { action, channel } = operation as { action: Operation["action"]; channel: { $ref: string } }
    const address = decodeURIComponent(channel.$ref.replace("#/channels/", ""))
    return { action, address, payload: payloadOf(document, address) ?? {}, examples: [] }
  })
}

/** The schema of a channel's message, if `describe()` wrote one. */
export function payloadOf({ channels }: Described, address: string): Schema | undefined {
  const { messages } = channels[address] as { messages: Record<string, { payload?: Schema }> }
  return messages[address]?.payload
}
