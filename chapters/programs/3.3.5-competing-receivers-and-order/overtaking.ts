import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
const broker = openBroker(":memory:", { clock })
const orders = broker.queue<string>("orders")
await orders.sendMany(["order-7 created", "order-8 created", "order-7 cancelled", "order-8 cancelled"])

const began = clock.now()
const print = (what: string) => console.log(`${String(clock.now() - began).padStart(3)} ms  ${what}`)

// A created order takes the kitchen long, except order 8, which is a cup of tea.
const ms = (event: string) => (event === "order-7 created" ? 80 : 20)

for (const kitchen of ["A", "B"]) {
  orders.consume(async ({ body }) => {
    print(`${kitchen}: ${body} …`)
    await clock.sleep(ms(body))
    print(`${kitchen}: ${body} ✓`)
  })
}
await clock.advance(200)
await broker.close()
