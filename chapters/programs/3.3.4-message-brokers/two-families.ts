import { type Message, openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
// How long a failed message waits depends on chance: here it is fixed.
const broker = openBroker(":memory:", { clock, random: () => 0.5 })
const queue = broker.queue<string>("order-queue")
const log = broker.partitioned<string>("order-log", { partitions: 1 })
const began = clock.now()
const print = (who: string, what: string) => console.log(`${String(clock.now() - began).padStart(5)} ms  ${who.padEnd(17)} ${what}`)

/** Handles events, but its database is away for the first try of "paid". */
function service(name: string, fails: boolean) {
  return async ({ body, attempt }: Message<string>) => {
    await clock.sleep(100)
    if (fails && body === "paid" && attempt === 1) throw new Error("The database is away.")
    print(name, body)
  }
}

for (const event of ["created", "paid", "cooked"]) {
  await queue.send(event)
  await log.send(event, { key: "order-7" })
}
queue.consume(service("queue: accounting", true))
log.consume("accounting", service("log:   accounting", true))
await clock.advance(10_000)

// Statistics is new. It comes when everything has been handled.
queue.consume(service("queue: statistics", false))
log.consume("statistics", service("log:   statistics", false))
await clock.advance(10_000)
await broker.close()
