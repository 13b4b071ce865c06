/**
 * A relay in a process of its own. What it publishes goes into a file, a batch in one write: that is the broker here. After
 * some batches it is gone from one moment to the next, before a publication or between it and the saving of the position.
 * Arguments: file, file for the published, name, method, batches until then.
 */
import { appendFileSync } from "node:fs"
import { type OutgoingMessage, relayOutbox } from "#waystation"

const [file = "", published = "", name = "", method = "polling", lifetime = "1"] = process.argv.slice(2)

let batches = 0

async function publish(messages: readonly OutgoingMessage[]): Promise<void> {
  appendFileSync(published, `${name} begins\n`)
  // Time for another relay to come between, if one dares.
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
  if (Math.random() < 0.02) {
    appendFileSync(published, `${name} ends\n`)
    throw new Error("refused, as happens")
  }
  const isLast = ++batches === Number(lifetime)
  const early = Math.random() < 0.5
  if (isLast && early) process.kill(process.pid, "SIGKILL")
  const lines = messages.map(({ id, body }) => `${name} ${id} ${(body as { order: number }).order}\n`)
  appendFileSync(published, `${lines.join("")}${name} ends\n`)
  if (isLast) process.kill(process.pid, "SIGKILL")
}

relayOutbox(file, { publish }, { method: method as "polling" | "tailing", leaseMs: 1_000, backoff: { initialMs: 1 } })
