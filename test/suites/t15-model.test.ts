import { isDeepStrictEqual } from "node:util"
import fc from "fast-check"
import { expect, test } from "vitest"
import { type Broker, openBroker } from "#waystation"
import { type VirtualClock, virtualClock } from "#waystation/testing"
import { figure, shareOf, shortOrLong } from "./support/figure.ts"

/** What a topic is, without a database: for each subscription what waits, what waits for its time, and what is dead. */
interface TopicModel {
  now: number
  published: number
  subscriptions: Map<string, { waiting: { id: string; dueAt: number }[]; dead: string[] }>
}

interface Real {
  readonly broker: Broker
  readonly clock: VirtualClock
}

/** One step on both; what the real one shows must be what the model has. */
interface Step {
  readonly does: string
  run(model: TopicModel, real: Real): Promise<void> | void
}

const subscriptionNames = ["audit", "mail", "stock"]
const topicOf = (real: Real) => real.broker.topic<string>("events")

const create = (name: string): Step => ({
  does: `create ${name}`,
  run(model, real) {
    topicOf(real).createSubscription(name)
    if (!model.subscriptions.has(name)) model.subscriptions.set(name, { waiting: [], dead: [] })
  },
})

const remove = (name: string): Step => ({
  does: `delete ${name}`,
  run(model, real) {
    topicOf(real).deleteSubscription(name)
    model.subscriptions.delete(name)
  },
})

const publish = (count: number, delayMs: number, rolledBack: boolean): Step => ({
  does: `publish ${count} after ${delayMs} ms${rolledBack ? ", rolled back" : ""}`,
  async run(model, real) {
    const ids = Array.from({ length: count }, (_, index) => `m${model.published + index}`)
    const items = ids.map((id) => [id, { id, delayMs }] as [string, { id: string; delayMs: number }])
    if (rolledBack) {
      const attempt = () =>
        real.broker.transaction(() => {
          void topicOf(real).publishMany(items)
          throw new Error("undo")
        })
      expect(attempt).toThrow("undo")
      return
    }
    await topicOf(real).publishMany(items)
    model.published += count
    for (const { waiting } of model.subscriptions.values()) waiting.push(...ids.map((id) => ({ id, dueAt: model.now + delayMs })))
  },
})

/** The id of a message that was published before: dropped, for every subscription. */
const repeat = (which: number): Step => ({
  does: `publish number ${which} again`,
  async run(model, real) {
    if (which < model.published) await topicOf(real).publish("again", { id: `m${which}` })
  },
})

/** A consumer comes, handles or refuses for good all that is due, and goes. */
const consume = (name: string, refuses: boolean): Step => ({
  does: `${name} ${refuses ? "refuses" : "handles"} all that is due`,
  async run(model, real) {
    const subscription = model.subscriptions.get(name)
    if (!subscription) return
    const handled: string[] = []
    const handler = ({ id }: { id: string }) => {
      handled.push(id)
      if (refuses) throw new Error("refused")
    }
    const consumer = topicOf(real).subscribe(name, handler, { attemptsMax: 1 })
    await real.clock.settle()
    await consumer.stop()
    const due = subscription.waiting.filter(({ dueAt }) => dueAt <= model.now).sort((one, other) => one.dueAt - other.dueAt)
    expect(handled).toEqual(due.map(({ id }) => id))
    subscription.waiting = subscription.waiting.filter(({ dueAt }) => dueAt > model.now)
    if (refuses) subscription.dead.push(...handled)
  },
})

const redrive = (name: string): Step => ({
  does: `redrive ${name}`,
  run(model, real) {
    const subscription = model.subscriptions.get(name)
    if (!subscription) return
    expect(topicOf(real).deadLetters(name).redrive()).toBe(subscription.dead.length)
    subscription.waiting.push(...subscription.dead.splice(0).map((id) => ({ id, dueAt: model.now })))
  },
})

const pass = (ms: number): Step => ({
  does: `${ms} ms pass`,
  async run(model, real) {
    await real.clock.advance(ms)
    model.now += ms
  },
})

const name = fc.constantFrom(...subscriptionNames)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: name.map(create) },
  { weight: 1, arbitrary: name.map(remove) },
  {
    weight: 5,
    arbitrary: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0, 0, 50, 200), fc.boolean()).map((of) => publish(...of)),
  },
  { weight: 1, arbitrary: fc.nat(20).map(repeat) },
  { weight: 4, arbitrary: fc.tuple(name, fc.boolean()).map((of) => consume(...of)) },
  { weight: 1, arbitrary: name.map(redrive) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 300 }).map(pass) },
)

test("T15: a topic does what its model does, whatever is asked of it in whatever order", { timeout: 3_600_000 }, async () => {
  const { before, count: runs } = shareOf(shortOrLong(1_000, 20_000))
  let commands = 0
  const property = fc.asyncProperty(fc.array(step, { maxLength: 100, size: "max" }), async (steps) => {
    const clock = virtualClock()
    const broker = openBroker(":memory:", { clock })
    const model: TopicModel = { now: clock.now(), published: 0, subscriptions: new Map() }
    broker.topic("events")
    for (const one of steps) {
      await one.run(model, { broker, clock })
      commands++
      // Compared in words only if there is something to say: tens of thousands of steps are compared.
      if (!isDeepStrictEqual(shown(broker), expected(model))) expect(shown(broker), one.does).toEqual(expected(model))
    }
    await broker.close()
  })
  await fc.assert(property, { numRuns: runs, seed: 15 + before })
  figure("T15", { runs, commands, differences: 0 })
})

type Counts = Record<string, { ready: number; delayed: number; dead: number }>

function shown(broker: Broker): Counts {
  const subscriptions = broker.inspect().topics[0]?.subscriptions ?? []
  return Object.fromEntries(subscriptions.map(({ name: of, ready, delayed, dead }) => [of, { ready, delayed, dead }]))
}

function expected({ now, subscriptions }: TopicModel): Counts {
  const counts = [...subscriptions].map(([of, { waiting, dead }]) => {
    const ready = waiting.filter(({ dueAt }) => dueAt <= now).length
    return [of, { ready, delayed: waiting.length - ready, dead: dead.length }] as const
  })
  return Object.fromEntries(counts)
}
