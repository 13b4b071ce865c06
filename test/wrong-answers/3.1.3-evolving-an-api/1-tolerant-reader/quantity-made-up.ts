// ko: 너그러움이 지나쳐서 수량이 없으면 1로 친다
// en: Too tolerant: a missing quantity counts as 1
// caught by: [1]
import { z } from "zod"

/** What the kitchen needs to know of an order, and nothing else. */
export interface Ticket {
  readonly orderId: string
  readonly items: readonly { readonly name: string; readonly quantity: number }[]
  readonly handOver: "pickup" | "delivery" | "other"
  readonly note: string
}

const ticket = z.object({
  orderId: z.string().min(1),
  items: z.array(z.object({ name: z.string().min(1), quantity: z.number().catch(1) })).min(1),
  handOver: z.enum(["pickup", "delivery", "other"]).catch("other"),
  note: z.string().default(""),
})

/** Task 1. An object of zod takes what it knows and leaves the rest alone. */
export function readTicket(body: unknown): Ticket {
  return ticket.parse(body)
}

type Anything = Readonly<Record<string, unknown>>

/** Task 2. Starts from what came, at every depth, and not from what the kitchen has read of it. */
export function withStations(body: unknown, stationOf: (name: string) => string): unknown {
  const event = body as Anything & { readonly items: readonly (Anything & { readonly name: string })[] }
  return { ...event, items: event.items.map((item) => ({ ...item, station: stationOf(item.name) })) }
}
