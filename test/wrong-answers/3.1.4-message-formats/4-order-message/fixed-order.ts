// ko: 필드가 번호 차례로 온다고 여기고 차례로 읽는다
// en: Reads the fields one after the other, as if they came in the order of their numbers
// caught by: [8]
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire"

/** `message Item { string name = 1; uint32 quantity = 2; }`, written and read field by field. */
export type Item = { readonly name: string; readonly quantity: number }

export function encodeItem({ name, quantity }: Item): Uint8Array {
  return new BinaryWriter().tag(1, WireType.LengthDelimited).string(name).tag(2, WireType.Varint).uint32(quantity).finish()
}
export function decodeItem(message: Uint8Array): Item {
  const item = { name: "", quantity: 0 }
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    if (number === 1) item.name = reader.string()
    else if (number === 2) item.quantity = reader.uint32()
    else reader.skip(wireType, number)
  }
  return item
}

/** `message Order { uint64 order_id = 1; repeated Item items = 5; string note = 6; }`: all that the kitchen knows of it. */
export type Order = { readonly orderId: bigint; readonly items: readonly Item[]; readonly note: string }

/** Task 7. The numbers are the contract: the names of the fields stand nowhere in the bytes. */
export function encodeOrder({ orderId, items, note }: Order): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Varint).uint64(orderId)
  // A list has no beginning and no end: its field comes once for each item.
  for (const item of items) writer.tag(5, WireType.LengthDelimited).bytes(encodeItem(item))
  return writer.tag(6, WireType.LengthDelimited).string(note).finish()
}

/** Task 8. What is not in the bytes has its zero value, one field after the other. */
export function decodeOrder(message: Uint8Array): Order {
  const items: Item[] = []
  const order = { orderId: 0n, items, note: "" }
  const reader = new BinaryReader(message)
  const comes = (number: number) => {
    const there = reader.pos < reader.len && (message[reader.pos] ?? 0) >> 3 === number
    if (there) reader.tag()
    return there
  }
  if (comes(1)) order.orderId = BigInt(reader.uint64())
  while (comes(5)) items.push(decodeItem(reader.bytes()))
  if (comes(6)) order.note = reader.string()
  return order
}

/** Task 9. Two messages one behind the other are one message, in which the later value of a field counts. */
export function withReadyInMinutes(message: Uint8Array, minutes: number): Uint8Array {
  return new BinaryWriter().raw(message).tag(7, WireType.Varint).uint32(minutes).finish()
}
