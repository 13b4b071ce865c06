import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import { Todo } from "#workbook/todo.ts"

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

/** Task 7. The bytes of an order. */
export function encodeOrder(order: Order): Uint8Array {
  throw new Todo(7)
}

/** Task 8. The order in these bytes, whoever wrote them. */
export function decodeOrder(message: Uint8Array): Order {
  throw new Todo(8)
}

/** Task 9. The same order with `uint32 ready_in_minutes = 7`. Everything else that is in it stays. */
export function withReadyInMinutes(message: Uint8Array, minutes: number): Uint8Array {
  throw new Todo(9)
}
