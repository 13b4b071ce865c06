import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Broker, Consumer, Delivery, Message } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { groupState } from "./support/counts.ts"
import { keyed, keyOfEach } from "./support/keyed.ts"
import { eventsOf, gate, refusal } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

const partitions = 4
/** Time enough for members to find each other, to miss a dead one, and to retry. */
const longMs = 120_000

function channel(broker: Broker, count = partitions) {
  return broker.partitioned<string>("orders", { partitions: count })
}

function assignedTo(...consumers: Consumer[]): number[][] {
  return consumers.map((consumer) => [...(consumer.assigned ?? [])].sort((a, b) => a - b))
}

describe("a consumer group", () => {
  test("with one member gives it every partition; with two, each an equal share, on whatever connection they are", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const [first, second] = [here.open({ clock }), here.open({ clock })]
    const a = channel(first).consume("kitchen", () => {})
    await clock.advance(1_000)
    expect(assignedTo(a)).toEqual([[0, 1, 2, 3]])
    const b = channel(second).consume("kitchen", () => {})
    await clock.advance(longMs)
    const shares = assignedTo(a, b)
    expect(shares.map((share) => share.length)).toEqual([2, 2])
    expect(shares.flat().sort()).toEqual([0, 1, 2, 3])
    const state = groupState(first, "orders", "kitchen")
    expect(state.members).toBe(2)
    expect(new Set(state.partitions.map(({ owner }) => owner)).size).toBe(2)
  })

  test("takes back the partitions of a member that leaves, and counts a generation for every change", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const broker = here.open({ clock })
    const generations: number[] = []
    const look = async () => {
      await clock.advance(longMs)
      generations.push(groupState(broker, "orders", "kitchen").generation)
    }
    const a = channel(broker).consume("kitchen", () => {})
    await look()
    const b = channel(broker).consume("kitchen", () => {})
    await look()
    await look()
    await a.stop()
    await look()
    expect(assignedTo(b)).toEqual([[0, 1, 2, 3]])
    await b.stop()
    expect(groupState(broker, "orders", "kitchen")).toMatchObject({ members: 0, partitions: [{ owner: null }, {}, {}, {}] })
    const [one, two, same, three] = generations as [number, number, number, number]
    expect(two).toBeGreaterThan(one)
    expect(same).toBe(two)
    expect(three).toBeGreaterThan(two)
  })

  test("leaves a member without partitions when there are more members than partitions, ready to step in", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const broker = here.open({ clock })
    const members = [1, 2, 3].map(() => channel(broker, 2).consume("kitchen", () => {}))
    await clock.advance(longMs)
    expect(
      assignedTo(...members)
        .flat()
        .sort(),
    ).toEqual([0, 1])
    const idle = members.find((member) => member.assigned?.length === 0) as Consumer
    const busy = members.find((member) => member !== idle) as Consumer
    await busy.stop()
    await clock.advance(longMs)
    expect(idle.assigned).toHaveLength(1)
  })

  test("is independent of other groups of the channel", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const broker = here.open({ clock })
    const consumers = ["kitchen", "billing"].map((group) => channel(broker).consume(group, () => {}))
    await clock.advance(longMs)
    expect(assignedTo(...consumers)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ])
  })

  test("announces each rebalance with its channel and group", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const broker = here.open({ clock })
    const rebalanced = eventsOf(broker, "rebalanced")
    channel(broker).consume("kitchen", () => {})
    await clock.advance(1_000)
    const before = rebalanced.items.length
    expect(before).toBeGreaterThan(0)
    channel(broker).consume("kitchen", () => {})
    await clock.advance(longMs)
    expect(rebalanced.items.length).toBeGreaterThan(before)
    for (const event of rebalanced.items) expect(event).toMatchObject({ channel: "orders", group: "kitchen", time: expect.any(Number) })
  })

  test("keeps each partition's messages with its owner", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const [first, second] = [here.open({ clock }), here.open({ clock })]
    const seen: Message<string>[][] = [[], []]
    const a = channel(first).consume("kitchen", (message) => seen[0]?.push(message))
    const b = channel(second).consume("kitchen", (message) => seen[1]?.push(message))
    await clock.advance(longMs)
    const keys = keyOfEach(channel(first))
    await channel(first).sendMany(
      keys.flatMap((key) => [1, 2, 3].map((number): [string, { key: string }] => [`${key} ${number}`, { key }])),
    )
    await clock.advance(longMs)
    for (const [index, share] of assignedTo(a, b).entries()) {
      const handled = seen[index]?.map((message) => message.partition) ?? []
      expect([...new Set(handled)].sort()).toEqual(share)
      expect(handled).toHaveLength(6)
    }
  })
})

describe("a rebalance", () => {
  test("never lets two members handle one key at a time, and keeps its order", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const [first, second] = [here.open({ clock }), here.open({ clock })]
    const started: string[] = []
    const finish = gate()
    const handle = (who: string) => (message: Message<string>) => {
      started.push(`${who} ${message.body}`)
      return message.body.endsWith("1") ? finish.opened : undefined
    }
    channel(first).consume("kitchen", handle("a"), { concurrency: 10 })
    await channel(first).sendMany("ABCDEFGH".split("").flatMap((key) => keyed(`${key}1`, `${key}2`)))
    await clock.advance(1_000)
    expect(started).toHaveLength(8)
    channel(second).consume("kitchen", handle("b"), { concurrency: 10 })
    // The first member is alive and renews: what it is handling is not given to the other meanwhile.
    await clock.advance(longMs)
    expect(started).toHaveLength(8)
    finish.open()
    await clock.advance(longMs)
    const bodies = started.map((entry) => entry.slice(2))
    for (const key of "ABCDEFGH") expect(bodies.filter((body) => body.startsWith(key))).toEqual([`${key}1`, `${key}2`])
    expect(groupState(first, "orders", "kitchen").lag).toBe(0)
  })

  test("throws out a member that stands still, hands its messages on, and refuses what it commits late", async () => {
    await using here = workspace()
    const [standing, running] = [virtualClock(), virtualClock()]
    const [first, second] = [here.open({ clock: standing }), here.open({ clock: running })]
    const lost = eventsOf(first, "lease-lost")
    const finish = gate()
    let late: Delivery<string> | undefined
    channel(first, 1).consume("kitchen", (_message, delivery) => {
      late = delivery
      return finish.opened
    })
    await channel(first, 1).sendMany(keyed("A1", "A2"))
    await standing.settle()
    expect(late?.body).toBe("A1")

    const taken: string[] = []
    const hold = gate()
    channel(second, 1).consume("kitchen", (message) => {
      taken.push(`${message.body}.${message.attempt}`)
      return hold.opened
    })
    await running.runUntil(() => taken.length > 0)
    expect(taken).toEqual(["A1.2"])
    expect((await refusal(() => late?.ack())).name).toBe("LeaseLostError")
    finish.open()
    await standing.settle()
    await lost.reaches(1)
    expect(groupState(second, "orders", "kitchen")).toMatchObject({ lag: 2, members: 1 })
    hold.open()
    await running.advance(longMs)
    expect(taken).toEqual(["A1.2", "A2.1"])
    expect(groupState(second, "orders", "kitchen").lag).toBe(0)
  })

  test("takes over from a member that was stopped under a running handler when that one's lease has ended", async () => {
    await using here = workspace()
    const clock = virtualClock()
    const [first, second] = [here.open({ clock }), here.open({ clock })]
    const finish = gate()
    const leaving = channel(first, 1).consume("kitchen", () => finish.opened, { leaseMs: 5_000 })
    await channel(first, 1).sendMany(keyed("A1", "A2"))
    await clock.advance(1_000)
    const taken: string[] = []
    channel(second, 1).consume("kitchen", (message) => taken.push(`${message.body}.${message.attempt}`), { leaseMs: 5_000 })
    await leaving.stop({ graceMs: 0 })
    await clock.advance(1_000)
    expect(taken).toEqual([])
    await clock.advance(longMs)
    expect(taken).toEqual(["A1.2", "A2.1"])
    finish.open()
    await clock.advance(1_000)
    expect(groupState(second, "orders", "kitchen")).toMatchObject({ lag: 0, members: 1 })
  })

  test("lets a member that was thrown out come back as a new one", async () => {
    await using here = workspace()
    const [standing, running] = [virtualClock(), virtualClock()]
    const [first, second] = [here.open({ clock: standing }), here.open({ clock: running })]
    const a = channel(first).consume("kitchen", () => {})
    await standing.settle()
    const b = channel(second).consume("kitchen", () => {})
    await running.advance(longMs)
    expect(assignedTo(b)).toEqual([[0, 1, 2, 3]])
    await standing.advanceTo(running.now())
    for (let step = 0; step < 60; step++) {
      await standing.advance(1_000)
      await running.advance(1_000)
    }
    const shares = assignedTo(a, b)
    expect(shares.map((share) => share.length)).toEqual([2, 2])
    expect(shares.flat().sort()).toEqual([0, 1, 2, 3])
  })

  test("in any order of joining and leaving loses nothing and keeps each key's order", async () => {
    const keys = ["A", "B", "C", "D", "E", "F"]
    const step = fc.oneof(
      fc.record({ what: fc.constant("join" as const), broker: fc.nat(2) }),
      fc.record({ what: fc.constant("leave" as const), which: fc.nat(5) }),
      fc.record({ what: fc.constant("send" as const), keys: fc.array(fc.constantFrom(...keys), { maxLength: 6 }) }),
      fc.record({ what: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await using here = workspace()
        const clock = virtualClock()
        const brokers = [0, 1, 2].map(() => here.open({ clock, durability: "normal" }))
        const effects: string[] = []
        const running = new Set<string>()
        const members: Consumer[] = []
        const sent: string[] = []
        const join = (broker: Broker) =>
          channel(broker).consume(
            "kitchen",
            async (message) => {
              const key = message.key as string
              if (running.has(key)) effects.push(`two at once for ${key}`)
              running.add(key)
              await clock.sleep((message.body.charCodeAt(message.body.length - 1) % 10) * 70)
              running.delete(key)
              effects.push(message.body)
            },
            { concurrency: 2 },
          )
        for (const action of steps) {
          if (action.what === "join") members.push(join(brokers[action.broker] as Broker))
          else if (action.what === "pass") await clock.advance(action.ms)
          else if (action.what === "send") {
            const bodies = action.keys.map((key, index) => `${key}${sent.length + index}`)
            sent.push(...bodies)
            await channel(brokers[0] as Broker).sendMany(keyed(...bodies))
          } else {
            const [leaving] = members.splice(action.which % Math.max(members.length, 1), 1)
            const stopped = leaving?.stop()
            // No handler takes longer.
            await clock.advance(1_000)
            await stopped
          }
        }
        members.push(join(brokers[1] as Broker))
        await clock.runUntil(() => effects.length >= sent.length)
        await clock.settle()
        for (const key of keys) {
          expect(effects.filter((body) => body.startsWith(key))).toEqual(sent.filter((body) => body.startsWith(key)))
        }
        expect(effects).toHaveLength(sent.length)
      }),
      { numRuns: 40 },
    )
  }, 30_000)
})
