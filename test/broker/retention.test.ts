import { describe, expect, test } from "vitest"
import { timedBroker } from "./support/timed.ts"

const count = 1_000
const paceMs = 100

/**
 * Sends 1,000 messages; then a group that left before the first and a new one read what is left.
 * A log is pruned in steps, so it may hold more than it must, but not for ever more.
 */
async function expectOnlyTheNewest(retention: { ageMs?: number; messagesMax?: number }, atLeast: number): Promise<void> {
  await using here = timedBroker()
  const log = here.broker.partitioned<number>("log", { partitions: 1, retention })
  await log.consume("gone", () => {}).stop()
  for (let number = 0; number < count; number++) {
    await log.send(number, { key: "k" })
    await here.clock.advance(paceMs)
  }
  for (const group of ["gone", "new"]) {
    const seen: number[] = []
    const consumer = log.consume(group, (message) => seen.push(message.body))
    await here.clock.advance(500)
    await consumer.stop()
    expect(seen.length).toBeGreaterThanOrEqual(atLeast)
    expect(seen.length).toBeLessThanOrEqual(count / 4)
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => count - seen.length + index))
  }
}

describe("retention", () => {
  test("by count keeps the newest and drops the rest, also for a group that went away", async () => {
    await expectOnlyTheNewest({ messagesMax: 50 }, 50)
  })

  test("by age keeps what is younger and drops the rest", async () => {
    await expectOnlyTheNewest({ ageMs: 6_000 }, 45)
  })

  test("without a limit keeps everything, for groups that come later", async () => {
    await using here = timedBroker()
    const log = here.broker.partitioned<number>("log", { partitions: 1 })
    await log.sendMany(Array.from({ length: count }, (_, number): [number, { key: string }] => [number, { key: "k" }]))
    const seen: number[] = []
    for (const group of ["first", "second"]) {
      const consumer = log.consume(group, (message) => seen.push(message.body))
      await here.clock.advance(30_000)
      await consumer.stop()
    }
    expect(seen).toHaveLength(2 * count)
  })

  test("keeps the offsets counting: what is dropped is not numbered again", async () => {
    await using here = timedBroker()
    const log = here.broker.partitioned<number>("log", { partitions: 1, retention: { messagesMax: 1 } })
    const offsets: (number | undefined)[] = []
    log.consume("kitchen", (message) => offsets.push(message.offset))
    for (let number = 0; number < 20; number++) {
      await log.send(number, { key: "k" })
      await here.clock.advance(1_000)
    }
    expect(offsets).toEqual(Array.from({ length: 20 }, (_, number) => number))
  })
})
