/** Handles the queue "work" with a handler that takes its whole process down. */
import { openBroker } from "#waystation"
import { args, say } from "./talk.ts"

const [file = ""] = args
const broker = openBroker(file)
broker.queue("work").consume(
  (message) => {
    say("started", { attempt: message.attempt })
    process.kill(process.pid, "SIGKILL")
    return new Promise(() => {})
  },
  { attemptsMax: 3, leaseMs: 100 },
)
say("open")
