import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Broker, Consumer, Database, Message } from "#waystation"
import { type VirtualClock, virtualClock } from "#waystation/testing"
import { workspace } from "./support/workspace.ts"

/** Three brokers on one file, each with a clock of its own: one whose clock stands is a process that is paused. */
interface Node {
  broker: Broker
  clock: VirtualClock
  consumers: Consumer[]
  standing: boolean
}

type Action =
  | { do: "send"; keys: string[] }
  | { do: "consume"; node: number; concurrency: number }
  | { do: "stop"; node: number }
  | { do: "stand" | "wake"; node: number }
  | { do: "pass"; ms: number }

interface Channel {
  sendMany(broker: Broker, items: [string, { key: string }][]): Promise<unknown>
  consume(broker: Broker, handler: (message: Message<string>, database: Database) => void, concurrency: number): Consumer
  /** What is left to do. */
  left(broker: Broker): number
}

const options = { leaseMs: 1_000, attemptsMax: 50, backoff: { initialMs: 10, maxMs: 200 }, transactional: true } as const

const channels: Record<string, Channel> = {
  "an ordered queue": {
    sendMany: (broker, items) => broker.queue<string>("c", { orderByKey: true }).sendMany(items),
    consume: (broker, handler, concurrency) =>
      broker.queue<string>("c", { orderByKey: true }).consume(handler, { ...options, concurrency }),
    left: (broker) => broker.inspect().queues.reduce((sum, { ready, delayed, inFlight }) => sum + ready + delayed + inFlight, 0),
  },
  "a consumer group": {
    sendMany: (broker, items) => broker.partitioned<string>("c", { partitions: 3 }).sendMany(items),
    consume: (broker, handler, concurrency) =>
      broker.partitioned<string>("c", { partitions: 3 }).consume("g", handler, { ...options, concurrency }),
    left: (broker) => broker.inspect().partitioned[0]?.groups[0]?.lag ?? 0,
  },
}

const node = fc.nat(2)
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("send" as const), keys: fc.array(fc.constantFrom("A", "B", "C", "D"), { maxLength: 8 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("consume" as const), node, concurrency: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stop" as const), node }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("stand" as const, "wake" as const), node }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 2_500 }) }) },
)
/** Whether each further attempt at handling something fails, and whether before or after its effect. */
const failures = fc.infiniteStream(fc.constantFrom("none", "none", "before", "after"))

for (const [kind, channel] of Object.entries(channels)) {
  describe(`${kind} whose consumers come, go, fail and stand still`, () => {
    test("has exactly one effect of every message, in send order within each key", async () => {
      const property = fc.asyncProperty(fc.array(action, { maxLength: 30 }), failures, async (actions, failing) => {
        await using here = workspace()
        const nodes = [0, 1, 2].map((): Node => {
          const clock = virtualClock()
          return { broker: here.open({ clock, durability: "normal" }), clock, consumers: [], standing: false }
        })
        const [{ broker }] = nodes as [Node]
        broker.database.exec("CREATE TABLE effect (position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, number INTEGER NOT NULL)")
        const handler = (message: Message<string>, database: Database) => {
          const failure = failing.next().value
          if (failure === "before") throw new Error(failure)
          database.prepare("INSERT INTO effect (key, number) VALUES (?, ?)").run(message.key, Number(message.body))
          if (failure === "after") throw new Error(failure)
        }
        let sent = 0
        const keys: string[] = []
        for (const each of actions) {
          if (each.do === "send") {
            await channel.sendMany(
              broker,
              each.keys.map((key) => [String(sent++), { key }]),
            )
            keys.push(...each.keys)
          } else await perform(each, nodes, channel, handler)
        }
        for (const each of nodes) each.standing = false
        await perform({ do: "consume", node: 1, concurrency: 2 }, nodes, channel, handler)
        for (let step = 0; step < 200 && channel.left(broker) > 0; step++) await perform({ do: "pass", ms: 500 }, nodes, channel, handler)

        const effects = broker.database.prepare("SELECT key, number FROM effect ORDER BY position").all() as {
          key: string
          number: number
        }[]
        for (const key of ["A", "B", "C", "D"]) {
          const expected = keys.flatMap((sentKey, number) => (sentKey === key ? [number] : []))
          expect(effects.filter((effect) => effect.key === key).map((effect) => effect.number)).toEqual(expected)
        }
        expect(channel.left(broker)).toBe(0)
      })
      await fc.assert(property, { numRuns: 60 })
    }, 60_000)
  })
}

async function perform(
  action: Exclude<Action, { do: "send" }>,
  nodes: Node[],
  channel: Channel,
  handler: Parameters<Channel["consume"]>[1],
) {
  if (action.do === "pass") {
    // In small steps side by side, as time passes for processes.
    for (let passed = 0; passed < action.ms; passed += 100) {
      for (const each of nodes) {
        if (each.standing) await each.clock.settle()
        else
          await each.clock.advanceTo(
            Math.max(...nodes.map(({ clock }) => clock.now())) + (each === nodes.find(({ standing }) => !standing) ? 100 : 0),
          )
      }
    }
    return
  }
  const target = nodes[action.node] as Node
  if (action.do === "consume") target.consumers.push(channel.consume(target.broker, handler, action.concurrency))
  else if (action.do === "stop") await target.consumers.pop()?.stop({ graceMs: 0 })
  else target.standing = action.do === "stand"
}
