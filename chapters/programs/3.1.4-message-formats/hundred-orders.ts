import { readFileSync } from "node:fs"
import { XMLBuilder } from "fast-xml-parser"
import protobuf from "protobufjs"

/** One order in plain values; the id and the time as text, which every format can turn into its own. */
export interface Order {
  readonly orderId: string
  readonly customerId: string
  readonly placedAt: string
  readonly totalCents: number
  readonly items: readonly { readonly name: string; readonly quantity: number }[]
  readonly note?: string
}

const menu = ["bibimbap", "kimchi stew", "cold noodles", "rice", "barley tea", "green onion pancake"]
const notes = ["no egg", "Please ring twice & leave it at the door.", "문 앞에 놓아 주세요"]

/** Numbers that look like chance and are the same each time (mulberry32). */
let state = 1
function chance(among: number): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % among
}

export const orders: readonly Order[] = Array.from({ length: 100 }, (_, index) => {
  const note = notes[chance(9)]
  return {
    orderId: String(9_007_199_254_740_993n + BigInt(index) * 1_000_000n + BigInt(chance(1_000_000))),
    customerId: `customer-${1_000 + chance(9_000)}`,
    placedAt: new Date(Date.UTC(2024, 7, 15, 9, 53, index * 7, chance(7_000))).toISOString(),
    totalCents: 400 + chance(9_000),
    items: Array.from({ length: 1 + chance(3) }, () => ({ name: menu[chance(menu.length)] ?? "", quantity: 1 + chance(3) })),
    ...(note && { note }),
  }
})

const types = protobuf.parse(readFileSync(new URL("order.proto", import.meta.url), "utf8")).root
const [orderType, ordersType] = [types.lookupType("Order"), types.lookupType("Orders")]
const inProtobuf = ({ placedAt, ...order }: Order) => ({ ...order, placedAtMs: Date.parse(placedAt) })

const xml = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" })
const inXml = ({ orderId, customerId, placedAt, totalCents, items, note }: Order) => ({
  "@id": orderId,
  "@customer": customerId,
  "@placedAt": placedAt,
  "@totalCents": totalCents,
  item: items.map(({ name, quantity }) => ({ "@quantity": quantity, "#text": name })),
  ...(note && { note }),
})

/** A format: one order as a message, and many as one. */
export interface Format {
  readonly name: string
  readonly type: string
  one(order: Order): Uint8Array
  many(orders: readonly Order[]): Uint8Array
}

export const formats: readonly Format[] = [
  {
    name: "JSON",
    type: "application/json",
    one: (order) => Buffer.from(JSON.stringify(order)),
    many: (orders) => Buffer.from(JSON.stringify(orders)),
  },
  {
    name: "XML",
    type: "application/xml",
    one: (order) => Buffer.from(xml.build({ order: inXml(order) })),
    many: (orders) => Buffer.from(xml.build({ orders: { order: orders.map(inXml) } })),
  },
  {
    name: "Protocol Buffers",
    type: "application/protobuf",
    one: (order) => orderType.encode(orderType.fromObject(inProtobuf(order))).finish(),
    many: (orders) => ordersType.encode(ordersType.fromObject({ orders: orders.map(inProtobuf) })).finish(),
  },
]
