import { z } from "zod"
import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
const broker = openBroker(":memory:", { clock })
const orders = broker.topic<object>("order-events")

// Three kitchens read the same two fields. They differ in what they think of the others.
const known = { orderId: z.string(), items: z.array(z.string()) }
const kitchens = { A: z.strictObject(known), B: z.object(known), C: z.looseObject(known) }

for (const [kitchen, schema] of Object.entries(kitchens)) {
  const toRider = broker.queue<object>(`rider-${kitchen}`)
  orders.subscribe(kitchen, ({ body }) => toRider.send({ ...schema.parse(body), ready: true }))
  toRider.consume(({ body }) => console.log(`rider ${kitchen}: ${JSON.stringify(body)}`))
}

await orders.publish({ orderId: "order-7", items: ["bibimbap"] })
await clock.advance(1_000)
console.log("-- the order service adds a field --")
await orders.publish({ orderId: "order-8", items: ["bibimbap"], doorCode: "0815#" })
await clock.advance(600_000)

for (const kitchen of Object.keys(kitchens)) console.log(`kitchen ${kitchen}: ${orders.deadLetters(kitchen).list().length} dead letters`)
await broker.close()
