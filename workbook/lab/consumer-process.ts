/** A consumer of the laboratory: a process of its own, so that it can be killed. It is told of channels and of its pace. */
import { setTimeout as sleep } from "node:timers/promises"
import { openBroker } from "../../broker/index.ts"
import type { ConsumerMessage } from "./lab.ts"

const [path = "", lease] = process.argv.slice(2)
const broker = openBroker(path)
const leaseMs = Number(lease)
const options = { leaseMs, attemptsMax: 3, backoff: { initialMs: 300, factor: 2, maxMs: 1_000 } }
let workMs = 150

async function handle(body: unknown): Promise<void> {
  await sleep(workMs)
  if (body === "poison") throw new Error("This order cannot be cooked.")
}

broker.queue("orders").consume((message) => handle(message.body), { ...options, concurrency: 1 })

process.on("message", (message: ConsumerMessage) => {
  if (message.workMs !== undefined) workMs = message.workMs
  for (const { name, partitions } of message.channels ?? []) {
    broker.partitioned(name, { partitions }).consume("kitchen", ({ body }) => handle(body), options)
  }
  if (message.stop) void leave()
})
process.on("disconnect", () => void leave())

async function leave(): Promise<void> {
  await broker.close({ graceMs: leaseMs })
  process.exit()
}
