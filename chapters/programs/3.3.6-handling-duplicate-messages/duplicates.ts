import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
const broker = openBroker(":memory:", { clock })
const delivered = broker.queue<{ cents: number }>("order-delivered")
let points = 0
const print = (what: string) => console.log(`${what.padEnd(52)} ${points} points`)

const first = delivered.consume(({ body }) => {
  points += Math.floor(body.cents / 100)
})

// The order service got no answer to its send, and sends again. The id says that it is the same message.
await delivered.send({ cents: 1_590 }, { id: "order-7" })
await delivered.send({ cents: 1_590 }, { id: "order-7" })
await clock.advance(1_000)
print("1. sent twice, within a second:")

// Its network is down for six minutes, and it sends once more.
await clock.advance(360_000)
await delivered.send({ cents: 1_590 }, { id: "order-7" })
await clock.advance(1_000)
print("2. sent again, six minutes later:")
await first.stop()

// Order 8 is sent once. The accounting service adds the points, and its process is killed before it returns.
await delivered.send({ cents: 1_590 }, { id: "order-8" })
const killed = delivered.consume(({ body }) => {
  points += Math.floor(body.cents / 100)
  return new Promise(() => {})
})
await clock.advance(1_000)
const stopping = killed.stop({ graceMs: 0 })
delivered.consume(({ body }) => {
  points += Math.floor(body.cents / 100)
})
await clock.advance(60_000)
await stopping
print("3. order 8 as well, with a process killed meanwhile:")
await broker.close({ graceMs: 0 })
