import { z } from "zod"
import { openBroker } from "#waystation"

const broker = openBroker(":memory:")
const print = (when: string) => {
  const { operations } = broker.describe({ title: "Kitchen", version: "1.0.0" })
  console.log(`${when.padEnd(16)} ${Object.keys(operations).join(", ") || "–"}`)
}

print("nothing yet")
const commands = broker.queue("kitchen-commands", { schema: z.object({ orderId: z.string() }) })
print("queue opened")
commands.consume(() => {})
print("consumer started")
await broker.close()
