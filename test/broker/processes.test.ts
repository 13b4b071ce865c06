import { describe, expect, test } from "vitest"
import type { Broker } from "#waystation"
import { groupState, nothing, queueCounts } from "./support/counts.ts"
import { type Program, program } from "./support/programs.ts"
import { eventsOf, gate, recording } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

/** Processes take their time to start, more so side by side on a small machine. */
const limitMs = 60_000

/** Programs that are killed, if they are still there, when the test ends. */
function programs() {
  const started: Program[] = []
  const start = (...what: Parameters<typeof program>) => {
    const one = program(...what)
    started.push(one)
    return one
  }
  return Object.assign(start, {
    [Symbol.asyncDispose]: async () => void (await Promise.all(started.map((one) => one[Symbol.asyncDispose]()))),
  })
}

/** Resolves when `look()` holds. Another process's commit is no event here: SQLite's own counter of them is watched. */
async function until(broker: Broker, look: () => boolean): Promise<void> {
  let version: unknown
  while (true) {
    const now = broker.database.pragma("data_version", { simple: true })
    if (now !== version && look()) return
    version = now
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, 10)
    await promise
  }
}

function effects(broker: Broker): string[] {
  const made = broker.database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'effect'").get()
  return made ? (broker.database.prepare("SELECT message FROM effect ORDER BY position").pluck().all() as string[]) : []
}

function expectOrderWithinKeys(broker: Broker): void {
  const rows = broker.database.prepare("SELECT key, message FROM effect ORDER BY position").all() as { key: string; message: string }[]
  for (const key of new Set(rows.map((row) => row.key))) {
    const numbers = rows.filter((row) => row.key === key).map((row) => Number(row.message.split("-")[1]))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
}

describe("several processes on one file", () => {
  test(
    "open it for the first time all at once, and none is refused",
    async () => {
      await using here = workspace()
      await using start = programs()
      const names = ["a", "b", "c", "d", "e", "f"]
      const openers = names.map((name) => start("producer", here.path(), name, 10))
      await Promise.all(openers.map((opener) => opener.finish()))
      expect(queueCounts(here.open(), "work").ready).toBe(60)
    },
    limitMs,
  )

  test(
    "send and handle side by side: every message once, each key in order, nobody sees the file locked",
    async () => {
      await using here = workspace()
      await using start = programs()
      const broker = here.open()
      const workers = [start("worker", here.path()), start("worker", here.path())]
      const producers = ["a", "b", "c"].map((name) => start("producer", here.path(), name, 100))
      await Promise.all(producers.map((producer) => producer.finish()))
      await until(broker, () => effects(broker).length >= 300)
      await Promise.all(workers.map((worker) => worker.finish()))
      expect(new Set(effects(broker)).size).toBe(300)
      expect(effects(broker)).toHaveLength(300)
      expectOrderWithinKeys(broker)
      expect(queueCounts(broker, "work")).toEqual(nothing)
    },
    limitMs,
  )

  test(
    "a producer that is killed loses no send that had resolved",
    async () => {
      await using here = workspace()
      await using start = programs()
      const broker = here.open()
      const producer = start("producer", here.path(), "a", 100_000)
      await producer.saysTimes("sent", 50)
      await producer.kill()
      const acknowledged = producer.lines.filter((line) => line.said === "sent").map((line) => line.id)
      const stored: string[] = []
      const queue = broker.queue<string>("work", { orderByKey: true })
      for (let batch = queue.receive({ max: 100 }); batch.length > 0; batch = queue.receive({ max: 100 })) {
        for (const delivery of batch) {
          stored.push(delivery.id)
          delivery.ack()
        }
      }
      expect(acknowledged.filter((id) => !stored.includes(id as string))).toEqual([])
      expect(new Set(stored).size).toBe(stored.length)
      expect(stored.length - acknowledged.length).toBeLessThanOrEqual(3)
    },
    limitMs,
  )

  test(
    "a consumer that is killed gives its message back when the lease ends",
    async () => {
      await using here = workspace()
      await using start = programs()
      const broker = here.open()
      const holder = start("holder", here.path(), 300)
      await holder.says("open")
      await broker.queue("work").send("a")
      expect((await holder.says("started")).attempt).toBe(1)
      await holder.kill()
      const attempts = recording<number>()
      broker.queue("work").consume((message) => attempts.add(message.attempt))
      expect(await attempts.reaches(1)).toEqual([2])
    },
    limitMs,
  )

  test(
    "a consumer that is stopped past its lease settles nothing when it wakes up",
    async () => {
      await using here = workspace()
      await using start = programs()
      const broker = here.open()
      const holder = start("holder", here.path(), 300)
      await holder.says("open")
      await broker.queue("work").send("a")
      await holder.says("started")
      holder.signal("SIGSTOP")
      const started = gate()
      const finish = gate()
      const acked = eventsOf(broker, "acked")
      broker.queue("work").consume(async () => {
        started.open()
        await finish.opened
      })
      await started.opened
      holder.signal("SIGCONT")
      holder.tell("go")
      await holder.says("lease-lost")
      expect(queueCounts(broker, "work")).toEqual({ ...nothing, inFlight: 1 })
      finish.open()
      await acked.reaches(1)
      await holder.finish()
      expect(holder.lines.filter((line) => line.said === "acked")).toEqual([])
    },
    limitMs,
  )

  test(
    "workers killed again and again leave exactly one effect of every message, in order within its key",
    async () => {
      await using here = workspace()
      await using start = programs()
      const broker = here.open()
      const producer = start("producer", here.path(), "a", 500)
      await producer.says("open")
      let worker = start("worker", here.path(), 200)
      for (let kill = 1; kill <= 5; kill++) {
        await until(broker, () => effects(broker).length >= kill * 80)
        await worker.kill()
        worker = start("worker", here.path(), 200)
      }
      await producer.finish()
      await until(broker, () => effects(broker).length >= 500)
      await worker.finish()
      expect(effects(broker)).toHaveLength(500)
      expect(new Set(effects(broker)).size).toBe(500)
      expectOrderWithinKeys(broker)
      expect(queueCounts(broker, "work")).toEqual(nothing)
    },
    limitMs,
  )

  test(
    "a message that kills its consumer is a dead letter after exactly attemptsMax processes",
    async () => {
      await using here = workspace()
      await using start = programs()
      const broker = here.open()
      await broker.queue("work").send("deadly")
      for (const attempt of [1, 2, 3]) {
        const victim = start("victim", here.path())
        expect((await victim.says("started")).attempt).toBe(attempt)
        expect(await victim.ended).toBe("SIGKILL")
      }
      const dead = eventsOf(broker, "dead-lettered")
      broker.queue("work").consume(() => {}, { attemptsMax: 3 })
      await dead.reaches(1)
      expect(broker.queue("work").deadLetters.list()).toMatchObject([{ body: "deadly", attempt: 3 }])
    },
    limitMs,
  )

  test(
    "members of a group in processes: one is killed, the others take over, each key's effects stay single and in order",
    async () => {
      await using here = workspace()
      await using start = programs()
      const broker = here.open()
      broker.database.exec("CREATE TABLE effect (position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, number INTEGER NOT NULL)")
      const orders = broker.partitioned<number>("orders", { partitions: 4 })
      const members = [1, 2, 3].map(() => start("member", here.path()))
      await Promise.all(members.map((member) => member.says("open")))
      const count = () => Number(broker.database.prepare("SELECT count(*) FROM effect").pluck().get())
      for (let number = 0; number < 600; number += 20) {
        await orders.sendMany(
          Array.from({ length: 20 }, (_, index): [number, { key: string }] => [number + index, { key: `k${(number + index) % 10}` }]),
        )
        if (number === 200) await members[0]?.kill()
        if (number === 400) await members[1]?.finish()
      }
      await until(broker, () => count() >= 600)
      expect(groupState(broker, "orders", "kitchen").members).toBe(1)
      await members[2]?.finish()
      expect((await members[2]?.says("assigned"))?.partitions).toHaveLength(4)
      const rows = broker.database.prepare("SELECT key, number FROM effect ORDER BY position").all() as { key: string; number: number }[]
      expect(rows).toHaveLength(600)
      for (let key = 0; key < 10; key++) {
        const numbers = rows.filter((row) => row.key === `k${key}`).map((row) => row.number)
        expect(numbers).toEqual(Array.from({ length: 60 }, (_, index) => index * 10 + key))
      }
    },
    limitMs,
  )

  test(
    "while a stranger holds the lock the event loop goes on, and everything waits instead of failing",
    async () => {
      await using here = workspace()
      await using start = programs()
      const broker = here.open()
      await broker.queue("work").send("before")
      const [delivery] = broker.queue("work").receive()
      const locker = start("locker", here.path())
      await locker.says("locked")
      let resolved = false
      const sent = broker
        .queue("work")
        .send("during")
        .then(() => {
          resolved = true
        })
      // Fifty timers in a row: none could fire if a wait for the lock stopped the event loop.
      for (let tick = 0; tick < 50; tick++) await new Promise((resolve) => setTimeout(resolve, 5))
      expect(resolved).toBe(false)
      await locker.finish()
      await sent
      delivery?.ack()
      expect(queueCounts(broker, "work")).toEqual({ ...nothing, ready: 1 })
    },
    limitMs,
  )
})
