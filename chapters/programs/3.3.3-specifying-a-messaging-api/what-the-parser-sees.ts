import { Parser } from "@asyncapi/parser"

const payload = { type: "object", properties: { orderId: { type: "string" } }, required: ["orderId"] }
const channel = (message: object, address = "orders-created") => ({ created: { address, messages: { OrderCreated: message } } })
const operation = (action: string, name = "created") => ({ publish: { action, channel: { $ref: `#/channels/${name}` } } })

const documents = {
  A: { channels: channel({ payload, examples: [{ payload: { orderId: 7 } }] }), operations: operation("send") },
  B: { channels: channel({ payload }, "orders-craeted"), operations: operation("send") },
  C: { channels: channel({}), operations: operation("send") },
  D: { channels: channel({ payload }), operations: operation("send", "craeted") },
  E: { channels: channel({ payload }), operations: operation("publish") },
}

const info = { title: "Order service", version: "1.0.0" }
const parser = new Parser()
for (const [name, document] of Object.entries(documents)) {
  const { diagnostics } = await parser.parse(JSON.stringify({ asyncapi: "3.0.0", info, ...document }))
  const error = diagnostics.find(({ severity }) => severity === 0)
  console.log(`${name}: ${error ? `refused: ${error.message}` : "accepted"}`)
}
