import { Todo } from "#workbook/todo.ts"

/** A part of an AsyncAPI document. */
export type Json = Readonly<Record<string, unknown>>

// JSON Schemas that you may use.
export const text = { type: "string" }
const dish = { type: "object", properties: { dish: text, quantity: { type: "integer", minimum: 1 } }, required: ["dish", "quantity"] }
export const items = { type: "array", minItems: 1, items: dish }

/** Task 1. The document's `channels`: "orders-created" and "cancel-order", each with its message, the message's schema and an example. */
export function channels(): Json {
  throw new Todo(1)
}

/** Task 2. The document's `operations`: what the order service does on these two channels. */
export function operations(): Json {
  throw new Todo(2)
}

/** Task 3. The channels and the operation of the command "create-order" and its reply. */
export function createOrder(): { channels: Json; operations: Json } {
  throw new Todo(3)
}
