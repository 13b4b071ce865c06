import protobuf from "protobufjs"

const typeOf = (fields: string) => protobuf.parse(`syntax = "proto3"; message Order { ${fields} }`).root.lookupType("Order")
const kitchens = typeOf("uint64 order_id = 1; string note = 6;")
const riders = typeOf("uint64 order_id = 1; string note = 6; string door_code = 16;")

const sent = riders.encode(riders.fromObject({ orderId: 7, note: "no egg", doorCode: "0815#" })).finish()
for (const discardUnknown of [true, false]) {
  // The kitchen reads by its own schema and writes the message again.
  const reader = protobuf.Reader.create(sent)
  if (!discardUnknown) reader.discardUnknown = false
  const passedOn = kitchens.encode(kitchens.decode(reader)).finish()
  console.log(`${discardUnknown ? "protobufjs 8 as it comes" : "discardUnknown = false  "}: ${JSON.stringify(riders.decode(passedOn))}`)
}
