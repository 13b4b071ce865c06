// ko: 읽은 것으로 새 이벤트를 만든다. 주방이 모르는 필드는 다음 사람에게 가지 않는다
// en: Makes the event anew from what it has read: fields that the kitchen does not know never reach the next
// caught by: [2]
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
  note: z.string().default(""),
})

/** Task 1. An object of zod takes what it knows and leaves the rest alone. */
export function readTicket(body: unknown): Ticket {
  return ticket.parse(body)
}

/** Task 2. Puts a station to every item. */
export function withStations(body: unknown, stationOf: (name: string) => string): unknown {
  const event = readTicket(body)
  return { ...event, items: event.items.map((item) => ({ ...item, station: stationOf(item.name) })) }
}
