// ko: 없어도 되는 필드가 없다고 거절한다
// en: Refuses for want of a field that may be missing
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
  // A quantity must be there: the only one that could be made up in its place is a wrong one.
  items: z.array(z.object({ name: z.string().min(1), quantity: z.int().positive() })).min(1),
  handOver: z.enum(["pickup", "delivery", "other"]).catch("other"),
  note: z.string(),
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
