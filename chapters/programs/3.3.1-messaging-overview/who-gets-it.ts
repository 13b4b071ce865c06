import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
const broker = openBroker(":memory:", { clock })
const commands = broker.queue<string>("kitchen-commands")
const events = broker.topic<string>("order-events")
const gets = (who: string) => (message: { body: string }) => console.log(`${who.padEnd(12)} gets  ${message.body}`)

events.subscribe("accounting", gets("accounting"))

await commands.send("CookOrder order-7")
await events.publish("OrderPlaced order-7")
await clock.advance(1_000)

// Two kitchens and the delivery service come when both have been sent.
commands.consume(gets("kitchen A"))
commands.consume(gets("kitchen B"))
events.subscribe("delivery", gets("delivery"))
await clock.advance(1_000)

await commands.send("CookOrder order-8")
await events.publish("OrderPlaced order-8")
await clock.advance(1_000)
await broker.close()
