import { z } from "zod"

const base = { orderId: z.string() }
const order = { orderId: "order-7" }

/** A change, the contract before and after it, and what may be written by either. */
const changes = [
  {
    change: "+ total?: number",
    before: { schema: z.object(base), writes: [order] },
    after: { schema: z.object({ ...base, total: z.number().optional() }), writes: [order, { ...order, total: 9_000 }] },
  },
  {
    change: "+ total: number",
    before: { schema: z.object(base), writes: [order] },
    after: { schema: z.object({ ...base, total: z.number() }), writes: [{ ...order, total: 9_000 }] },
  },
  {
    change: "- total: number",
    before: { schema: z.object({ ...base, total: z.number() }), writes: [{ ...order, total: 9_000 }] },
    after: { schema: z.object(base), writes: [order] },
  },
  {
    change: 'handOver: "pickup" -> "pickup" | "delivery"',
    before: { schema: z.object({ handOver: z.enum(["pickup"]) }), writes: [{ handOver: "pickup" }] },
    after: { schema: z.object({ handOver: z.enum(["pickup", "delivery"]) }), writes: [{ handOver: "pickup" }, { handOver: "delivery" }] },
  },
  {
    change: "total: number -> string",
    before: { schema: z.object({ total: z.number() }), writes: [{ total: 9_000 }] },
    after: { schema: z.object({ total: z.string() }), writes: [{ total: "9000" }] },
  },
]

const verdict = (reader: z.ZodType, writings: readonly object[]) =>
  writings.every((writing) => reader.safeParse(writing).success) ? "fine" : "breaks"

console.log(`${"".padEnd(46)}request   event`)
for (const { change, before, after } of changes) {
  // Requests are written by the old side and read by the new one; events the other way round.
  const [request, event] = [verdict(after.schema, before.writes), verdict(before.schema, after.writes)]
  console.log(`${change.padEnd(46)}${request.padEnd(10)}${event}`)
}
