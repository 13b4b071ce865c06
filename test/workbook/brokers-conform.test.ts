import { describe, test } from "vitest"
import { LeaseLostError } from "#waystation"
import { logChecks } from "../exercises/3.3.4-message-brokers/conformance-log.ts"
import { queueChecks } from "../exercises/3.3.4-message-brokers/conformance-queue.ts"
import type { MakeLog } from "../exercises/3.3.4-message-brokers/log-run.ts"
import type { MakeQueue } from "../exercises/3.3.4-message-brokers/queue-under-test.ts"

// The checks of section 3.3.4 ask for what the two families of brokers have in common, and not for a way of writing them: this
// project's own broker, which is written quite differently from the miniatures there, passes every one.

const queue: MakeQueue = (process) => {
  const orders = process.broker.queue<string>("orders")
  return {
    send: (body) => orders.send(body),
    receive: (leaseMs) => {
      const [delivery] = orders.receive({ leaseMs })
      return delivery && { body: delivery.body, attempt: delivery.attempt, acknowledge: () => acknowledged(() => delivery.ack()) }
    },
    consume: (handle, leaseMs) => void orders.consume((message) => handle(message.body), { leaseMs }),
    kept: () => {
      const { ready = 0, delayed = 0, inFlight = 0, dead = 0 } = process.broker.inspect().queues[0] ?? {}
      return ready + delayed + inFlight + dead
    },
    get inTransaction() {
      return process.broker.database.inTransaction
    },
  }
}

function acknowledged(ack: () => void): boolean {
  try {
    ack()
    return true
  } catch (error) {
    if (error instanceof LeaseLostError) return false
    throw error
  }
}

const log: MakeLog = (process) => {
  const events = process.broker.partitioned<string>("order-events", { partitions: 1 })
  return {
    append: (body) => events.send(body, { key: "order-7" }),
    consume: (group, handle) => void events.consume(group, ({ offset = -1, body }) => handle({ offset, body }), { leaseMs: 1_000 }),
    replay: (group, offset) => events.seek(group, { offsets: { 0: offset } }),
    lag: (group) => process.broker.inspect().partitioned[0]?.groups.find(({ name }) => name === group)?.lag ?? 0,
  }
}

describe("a queue of this broker", () => {
  for (const { title, check } of queueChecks) test(title, () => check(queue))
})

describe("a partitioned channel of this broker", () => {
  for (const { title, check } of logChecks) test(title, () => check(log))
})
