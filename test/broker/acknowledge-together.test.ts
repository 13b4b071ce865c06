import { expect, test } from "vitest"
import { nothing, queueCounts, subscriptionCounts } from "./support/counts.ts"
import { eventsOf, gate, recording } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

/** Handlers that end in one turn are acknowledged in a few statements; each of them is still its own. */

test("of handlers that end together, the one that lost its lease is told so, and the others are acknowledged", async () => {
  await using here = workspace()
  const broker = here.open()
  const orders = broker.queue<number>("orders")
  await orders.sendMany([1, 2, 3, 4])
  const started = recording<number>()
  const end = gate()
  const settled = eventsOf(broker, "acked", "lease-lost")
  orders.consume(
    async (message) => {
      started.add(message.body)
      if (started.items.length <= 4) await end.opened
    },
    { concurrency: 4 },
  )
  await started.reaches(4)
  broker.database
    .prepare("UPDATE waystation_delivery SET token = token + 1 WHERE message = (SELECT message FROM waystation_delivery LIMIT 1 OFFSET 1)")
    .run()
  end.open()
  const events = await settled.reaches(4)
  expect(events.map((event) => event.name).sort()).toEqual(["acked", "acked", "acked", "lease-lost"])
  expect(queueCounts(broker, "orders")).toEqual({ ...nothing, inFlight: 1 })
})

test("one that failed among them comes back alone", async () => {
  await using here = workspace()
  const broker = here.open()
  const orders = broker.queue<number>("orders")
  await orders.sendMany([1, 2, 3, 4])
  const handled = recording<string>()
  orders.consume(
    async (message) => {
      handled.add(`${message.body}, attempt ${message.attempt}`)
      if (message.body === 3 && message.attempt === 1) throw new Error("not yet")
    },
    { concurrency: 4, backoff: { initialMs: 0 } },
  )
  expect(await handled.reaches(5)).toEqual([...[1, 2, 3, 4].map((number) => `${number}, attempt 1`), "3, attempt 2"])
})

test("a message is kept until its last subscription has handled it, and then is gone, beside other channels' messages", async () => {
  await using here = workspace()
  const broker = here.open()
  const events = broker.topic<number>("events")
  for (const name of ["kitchen", "billing"]) events.createSubscription(name)
  // Their messages stand between those of the topic.
  const others = broker.queue<number>("others")
  await Promise.all([1, 2, 3].flatMap((number) => [events.publish(number), others.send(number)]))
  const stored = () => broker.database.prepare<[], number>("SELECT count(*) FROM waystation_message").pluck().get()

  const acked = eventsOf(broker, "acked")
  const kitchen = events.subscribe("kitchen", async () => {}, { concurrency: 3 })
  await acked.reaches(3)
  await kitchen.stop()
  expect(subscriptionCounts(broker, "events", "kitchen")).toEqual(nothing)
  expect(subscriptionCounts(broker, "events", "billing")).toEqual({ ...nothing, ready: 3 })
  expect(stored()).toBe(6)

  events.subscribe("billing", async () => {}, { concurrency: 3 })
  await acked.reaches(6)
  expect(stored()).toBe(3)
  expect(queueCounts(broker, "others")).toEqual({ ...nothing, ready: 3 })
})
