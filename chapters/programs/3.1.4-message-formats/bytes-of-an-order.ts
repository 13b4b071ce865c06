import { readFileSync } from "node:fs"
import protobuf from "protobufjs"

const order = protobuf.parse(readFileSync(new URL("order.proto", import.meta.url), "utf8")).root.lookupType("Order")
const bytes = order.encode(order.fromObject({ orderId: 300, items: [{ name: "tea", quantity: 2 }], note: "no egg" })).finish()
const hex = (from: number, to: number) =>
  Buffer.from(bytes.subarray(from, to))
    .toString("hex")
    .replace(/..(?=.)/g, "$& ")

const reader = protobuf.Reader.create(bytes)
while (reader.pos < bytes.length) {
  const from = reader.pos
  const { fieldNumber, wireType } = { fieldNumber: reader.uint32() >> 3, wireType: (bytes[from] ?? 0) & 7 }
  reader.skipType(wireType)
  console.log(`${hex(from, from + 1)} | ${hex(from + 1, reader.pos).padEnd(30)} field ${fieldNumber}, wire type ${wireType}`)
}
console.log(`${bytes.length} bytes; as JSON ${JSON.stringify(order.decode(bytes)).length}`)
