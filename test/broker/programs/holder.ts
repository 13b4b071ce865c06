/** Takes one message of the queue "work" and keeps it until it is told "go". */
import { openBroker } from "#waystation"
import { args, finished, say, told } from "./talk.ts"

const [file = "", leaseMs = "300"] = args
const broker = openBroker(file)
for (const name of ["acked", "lease-lost"] as const) broker.events.on(name, () => say(name))
broker.queue("work").consume(
  async (message) => {
    say("started", { attempt: message.attempt })
    await told("go")
  },
  { leaseMs: Number(leaseMs) },
)
say("open")
await finished()
await broker.close()
