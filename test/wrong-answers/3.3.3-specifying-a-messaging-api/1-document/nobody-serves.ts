// ko: 예전 이름으로 채널을 적는다. 아무도 듣지 않는 큐에 취소가 쌓인다
// en: Documents the channel under the name it had once: cancellations pile up in a queue that nobody reads
// caught by: [1]
/** A part of an AsyncAPI document. */
export type Json = Readonly<Record<string, unknown>>

// JSON Schemas that you may use.
export const text = { type: "string" }
const dish = { type: "object", properties: { dish: text, quantity: { type: "integer", minimum: 1 } }, required: ["dish", "quantity"] }
export const items = { type: "array", minItems: 1, items: dish }

const bibimbap = [{ dish: "bibimbap", quantity: 2 }]

/** Task 1. The address is the broker's name of the channel; the key beside it is the document's own. */
export function channels(): Json {
  const created = { type: "object", properties: { orderId: text, items }, required: ["orderId", "items"] }
  const cancel = { type: "object", properties: { orderId: text, reason: { enum: ["customer", "kitchen"] } }, required: ["orderId"] }
  const OrderCreated = { payload: created, examples: [{ payload: { orderId: "order-7", items: bibimbap } }] }
  const CancelOrder = { payload: cancel, examples: [{ payload: { orderId: "order-7", reason: "customer" } }] }
  return {
    created: { address: "orders-created", messages: { OrderCreated } },
    cancel: { address: "order-cancellations", messages: { CancelOrder } },
  }
}

/** Task 2. Always what the service itself does: whoever uses it does the opposite. */
export function operations(): Json {
  const [created, cancel] = [{ $ref: "#/channels/created" }, { $ref: "#/channels/cancel" }]
  return { publishCreated: { action: "send", channel: created }, cancelOrder: { action: "receive", channel: cancel } }
}

/** Task 3. Each request names the address of its reply, so the document names the place where it stands. */
export function createOrder(): { channels: Json; operations: Json } {
  const correlationId = { location: "$message.header#/correlation-id" }
  const request = { type: "object", properties: { customerId: text, items }, required: ["customerId", "items"] }
  const answer = { type: "object", properties: { orderId: text, state: { enum: ["PENDING", "REJECTED"] } }, required: ["orderId", "state"] }
  const CreateOrder = { payload: request, correlationId, examples: [{ payload: { customerId: "customer-1", items: bibimbap } }] }
  const Reply = { payload: answer, correlationId, examples: [{ payload: { orderId: "order-7", state: "PENDING" } }] }
  const create = { address: "create-order", messages: { CreateOrder } }
  const reply = { address: { location: "$message.header#/reply-to" }, channel: { $ref: "#/channels/replies" } }
  const operation = { action: "receive", channel: { $ref: "#/channels/create" }, reply }
  return { channels: { create, replies: { address: null, messages: { Reply } } }, operations: { createOrder: operation } }
}
