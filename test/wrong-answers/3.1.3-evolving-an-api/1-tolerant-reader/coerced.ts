// ko: 수량을 무엇이든 수로 바꿔 읽는다. 0개짜리 주문이 주방에 간다
// en: Makes a number of whatever stands there: the kitchen is asked for 0 of something
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
  items: z.array(z.object({ name: z.string().min(1), quantity: z.coerce.number() })).min(1),
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
