import { expect, test } from "vitest"
import { crashEverywhere, type Entry, type SimulatedProcess, simulate } from "#waystation/testing"

/** A message that waits, with no id of its own, and time that has passed since. */
async function setup(process: SimulatedProcess): Promise<void> {
  await process.openBroker().queue("orders").send("tea")
  await process.sleep(1_000)
}

function cook(process: SimulatedProcess): void {
  const queue = process.openBroker().queue("orders")
  queue.consume(({ id, sentAt }) => process.effect(`cooked after ${process.clock.now() - sentAt} ms`, { id }))
}

const told = (history: readonly Entry[]) => history.map(({ process, event }) => `${process} ${event}`)

test("a scenario's setup is the same for every seed, its messages belong to each run, and time goes on from its end", async () => {
  const runs: (readonly Entry[])[] = []
  for (const seed of [1, 2]) {
    const { history } = await simulate({ seed, scenario: { setup, processes: { cook } }, faults: [] })
    runs.push(history)
  }
  const [first = [], second = []] = runs
  const end = first.findIndex(({ event }) => event === "ended")
  expect(told(first.slice(0, end + 1))).toEqual(
    ["started", "sending", "sent", "send-ok", "finished", "ended"].map((event) => `setup ${event}`),
  )
  expect(second.slice(0, end + 1)).toEqual(first.slice(0, end + 1))
  const effects = runs.map((history) => history.find(({ event }) => event === "effect"))
  expect(effects[0]).toMatchObject({ at: 1_000, what: "cooked after 1000 ms", id: first.find(({ event }) => event === "send-ok")?.id })
  expect(effects[1]).toEqual(effects[0])
})

test("crashes come upon what the setup has sent too", async () => {
  const run = async (process: SimulatedProcess) => {
    cook(process)
    await process.until(() => process.isIdle())
  }
  const { history, boundaries } = await crashEverywhere({ setup, run })
  expect(boundaries).toBeGreaterThan(3)
  expect(told(history)).toEqual(expect.arrayContaining(["setup send-ok", "process effect"]))
  const lost = crashEverywhere({
    setup,
    async run(process) {
      process.openBroker().database.exec("DELETE FROM waystation_delivery")
      await run(process)
    },
  })
  await expect(lost).rejects.toThrow(/LOST: Message .*\n.*\n\nWhat happened:\n +1\. \+0 ms {2}setup: is told that message/)
})

test("what the setup publishes has arrived, and what its consumer held comes back when the lease ends", async () => {
  const message = { id: "order-1", channel: "orders", body: "tea", headers: {}, sentAt: 0 }
  const { history } = await simulate({
    seed: 1,
    faults: [],
    scenario: {
      async setup(process) {
        await process.publisher().publish([message])
        const queue = process.openBroker().queue("orders")
        queue.consume(() => new Promise(() => {}), { leaseMs: 500 })
        await queue.send("tea", { id: "order-2" })
        await process.sleep(100)
      },
      processes: { cook },
      check: ({ published }) => expect(published).toEqual([message]),
    },
  })
  const deliveries = history.filter(({ event }) => event === "delivered")
  expect(deliveries.map(({ process, at, attempt }) => ({ process, at, attempt }))).toEqual([
    { process: "setup", at: 0, attempt: 1 },
    { process: "cook", at: 500, attempt: 2 },
  ])
})

test("a subscription to which nobody listens in the run may keep what it has", async () => {
  const scenario = {
    setup: (process: SimulatedProcess) => process.openBroker().topic("events").createSubscription("audit"),
    processes: { shop: async (process: SimulatedProcess) => void (await process.openBroker().topic("events").publish("tea")) },
  }
  for (let seed = 1; seed <= 5; seed++) await simulate({ seed, scenario })
})
