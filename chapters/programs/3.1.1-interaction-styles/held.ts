import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
const broker = openBroker(":memory:", { clock })

// Whichever way the kitchen is told of an order, it thinks for 400 ms.
const kitchen = broker.requestReply<string, string>("kitchen")
kitchen.respond(() => clock.sleep(400).then(() => "accepted"))
const tickets = broker.queue<string>("tickets")
tickets.consume(() => clock.sleep(400))
const orders = broker.topic<string>("orders")
for (const service of ["kitchen", "accounting", "courier"]) orders.subscribe(service, () => clock.sleep(400))

let call: Promise<string>
const server = createServer(async (_, response) => {
  await clock.sleep(400)
  void clock.hold(call) // virtual time waits for the real socket
  response.end("accepted")
})
await once(server.listen(0, "127.0.0.1"), "listening")

async function overHttp(): Promise<string> {
  const arrived = once(server, "request")
  call = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).then((response) => response.text())
  await clock.hold(arrived)
  return call
}

/** The order service does its part. It is held until that returns, and may hear of an answer then, later or never. */
async function show(style: string, part: (heard: () => void) => Promise<unknown>): Promise<void> {
  const began = clock.now()
  let answer = "no answer"
  const returned = part(() => {
    answer = `answer after ${clock.now() - began} ms`
  }).then(() => clock.now() - began)
  await clock.advance(1_000)
  console.log(`${style}  held for ${String(await returned).padStart(3)} ms, ${answer}`)
}

await show("A", (heard) => overHttp().then(heard))
await show("B", (heard) => kitchen.request("order-7").then(heard))
await show("C", async (heard) => void kitchen.request("order-7").then(heard))
await show("D", () => tickets.send("order-7"))
await show("E", () => orders.publish("order-7"))

await broker.close()
server.close()
