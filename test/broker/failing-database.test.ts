import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { groupState, nothing, queueCounts } from "./support/counts.ts"
import { type Workspace, workspace } from "./support/workspace.ts"

/** A broker whose file refuses every statement for as long as the test says, as a full or failing disk would. */
function onFailingDisk(here: Workspace) {
  const disk = { failing: false as boolean | ((sql: string) => boolean) }
  const database = new BetterSqlite3(here.path(), {
    verbose: (sql) => {
      if (typeof disk.failing === "function" ? disk.failing(String(sql)) : disk.failing) throw new Error("the disk failed")
    },
  })
  const clock = virtualClock()
  const broker = openBroker(database, { clock })
  const close = async () => {
    disk.failing = false
    await broker.close({ graceMs: 0 })
    database.close()
  }
  return { disk, clock, broker, [Symbol.asyncDispose]: close }
}

const isCommit = (sql: string) => /^\s*COMMIT/i.test(sql)

describe("while the database fails", () => {
  test("a send is rejected with its error, and is not there afterwards", async () => {
    await using here = workspace()
    await using on = onFailingDisk(here)
    const queue = on.broker.queue("orders")
    for (const failing of [true, isCommit]) {
      on.disk.failing = failing
      await expect(queue.send("a")).rejects.toThrow("the disk failed")
      await expect(queue.sendMany(["b", "c"])).rejects.toThrow("the disk failed")
      on.disk.failing = false
      expect(queueCounts(on.broker, "orders")).toEqual(nothing)
    }
    await queue.send("d")
    expect(queueCounts(on.broker, "orders")).toEqual({ ...nothing, ready: 1 })
  })

  test("an acknowledgement by hand throws, and the lease is as it was", async () => {
    await using here = workspace()
    await using on = onFailingDisk(here)
    const queue = on.broker.queue("orders")
    await queue.send("a")
    const [delivery] = queue.receive()
    on.disk.failing = isCommit
    expect(() => delivery?.ack()).toThrow("the disk failed")
    on.disk.failing = false
    expect(queueCounts(on.broker, "orders")).toEqual({ ...nothing, inFlight: 1 })
    delivery?.ack()
    expect(queueCounts(on.broker, "orders")).toEqual(nothing)
  })

  for (const kind of ["queue", "group"] as const) {
    test(`a consumer of a ${kind} says that it failed, waits, and goes on when it can`, async () => {
      await using here = workspace()
      await using on = onFailingDisk(here)
      const failures: string[] = []
      on.broker.events.on("failed", ({ operation }) => failures.push(operation))
      const handled: string[] = []
      const queue = on.broker.queue<string>("orders")
      const log = on.broker.partitioned<string>("log", { partitions: 2 })
      const handler = (message: { body: string }) => handled.push(message.body)
      if (kind === "queue") queue.consume(handler)
      else log.consume("g", handler)
      const send = (body: string) => (kind === "queue" ? queue.send(body) : log.send(body, { key: body }))
      await send("before")
      await on.clock.advance(1_000)
      on.disk.failing = true
      await expect(send("lost to its sender")).rejects.toThrow("the disk failed")
      await on.clock.advance(60_000)
      on.disk.failing = false
      await send("after")
      await on.clock.advance(60_000)
      expect(handled).toEqual(["before", "after"])
      expect(failures.length).toBeGreaterThan(0)
    })
  }

  for (const kind of ["queue", "group"] as const) {
    test(`what a handler of a ${kind} has done is acknowledged when the database takes it: the message is handled once`, async () => {
      await using here = workspace()
      await using on = onFailingDisk(here)
      const queue = on.broker.queue<string>("orders")
      const log = on.broker.partitioned<string>("log", { partitions: 1 })
      const attempts: number[] = []
      const handler = (message: { attempt: number }) => {
        attempts.push(message.attempt)
        on.disk.failing = attempts.length === 1 && isCommit
      }
      if (kind === "queue") queue.consume(handler)
      else log.consume("g", handler)
      const send = (body: string) => (kind === "queue" ? queue.send(body) : log.send(body, { key: "k" }))
      await send("a")
      await on.clock.advance(5_000)
      expect(attempts).toEqual([1])
      on.disk.failing = false
      await send("b")
      await on.clock.advance(60_000)
      expect(attempts).toEqual([1, 1])
      if (kind === "queue") expect(queueCounts(on.broker, "orders")).toEqual(nothing)
      else expect(groupState(on.broker, "log", "g").lag).toBe(0)
    })
  }
})
