import { readFileSync } from "node:fs"
import protobuf from "protobufjs"
import { code } from "../support/language.ts"

/** The order service's own schema, and that of a version to come: the other side of every conversation here is protobufjs. */
const now = protobuf.parse(readFileSync(new URL("../../../chapters/programs/3.1.4-message-formats/order.proto", import.meta.url), "utf8"))
export const orderType: protobuf.Type = now.root.lookupType("Order")

/** A later version of the same schema, with a field of every wire type that the kitchen has never heard of. */
const later = protobuf.parse(`
  syntax = "proto3";
  message Order {
    uint64 order_id = 1;
    string customer_id = 2;
    int64 placed_at_ms = 3;
    uint64 total_cents = 4;
    repeated Item items = 5;
    string note = 6;
    uint32 ready_in_minutes = 7;
    string door_code = 16;
    fixed32 shop = 17;
    double tip = 300;
  }
  message Item {
    string name = 1;
    uint32 quantity = 2;
    repeated string options = 3;
    fixed64 recipe = 19;
  }
`)
export const laterOrderType: protobuf.Type = later.root.lookupType("Order")

/** A message as plain JSON, with its zero values. */
export function plain(type: protobuf.Type, bytes: Uint8Array): Record<string, unknown> {
  return type.toObject(type.decode(bytes), { longs: String, defaults: true })
}

/** The bytes of a message that is given as plain JSON. */
export function bytesOf(type: protobuf.Type, message: object): Uint8Array {
  return type.encode(type.fromObject(message)).finish()
}

/** Bytes as the learner reads them: `08 ac 02`. */
export function hex(bytes: unknown): string {
  if (!(bytes instanceof Uint8Array)) return code(String(bytes))
  return code(bytes.length === 0 ? "(0 bytes)" : [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" "))
}
