// ko: 주방이 아는 필드로 다시 쓴다. 고객도 금액도 다음 사람에게 가지 않는다
// en: Writes it anew from what the kitchen has read: neither customer nor total reaches the next
// caught by: [9]
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

/** Task 8. What is not in the bytes has its zero value, and the fields come in any order. */
export function decodeOrder(message: Uint8Array): Order {
  const items: Item[] = []
  const order = { orderId: 0n, items, note: "" }
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    if (number === 1) order.orderId = BigInt(reader.uint64())
    else if (number === 5) items.push(decodeItem(reader.bytes()))
    else if (number === 6) order.note = reader.string()
    // Somebody else's field: its wire type says where it ends.
    else reader.skip(wireType, number)
  }
  return order
}

/** Task 9. Reads the order and writes it again. */
export function withReadyInMinutes(message: Uint8Array, minutes: number): Uint8Array {
  return new BinaryWriter()
    .raw(encodeOrder(decodeOrder(message)))
    .tag(7, WireType.Varint)
    .uint32(minutes)
    .finish()
}
