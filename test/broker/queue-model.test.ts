import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Broker, type Delivery, LeaseLostError, type Queue } from "#waystation"
import { type VirtualClock, virtualClock } from "#waystation/testing"
import { queueCounts } from "./support/counts.ts"
import { type ModelMessage, QueueModel } from "./support/queue-model.ts"
import { timedBroker } from "./support/timed.ts"
import { refusal } from "./support/waiting.ts"
import { workspace } from "./support/workspace.ts"

interface Real {
  broker: Broker
  queue: Queue<string>
  name: string
  clock: VirtualClock
  deliveries: Delivery<string>[]
  reopen?: () => Broker
}

type Action =
  | { do: "send"; key: string | null; delayMs: number }
  | { do: "sendMany"; keys: (string | null)[]; rolledBack: boolean }
  | { do: "receive"; max: number; leaseMs: number }
  | { do: "ack" | "deadLetter"; which: number; rolledBack: boolean }
  | { do: "nack"; which: number; delayMs: number }
  | { do: "extend"; which: number; leaseMs: number }
  | { do: "pass"; ms: number }
  | { do: "redrive" | "discard"; which: number | null }
  | { do: "reopen" }

const key = fc.constantFrom(null, "A", "B")
const which = fc.nat(7)
const delayMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 }))
const leaseMsMax = 500
const leaseMs = fc.integer({ min: 1, max: leaseMsMax })
const rolledBack = fc.integer({ min: 0, max: 4 }).map((number) => number === 0)
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("send" as const), key, delayMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sendMany" as const), keys: fc.array(key, { maxLength: 4 }), rolledBack }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("receive" as const), max: fc.integer({ min: 1, max: 4 }), leaseMs }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ack" as const), which, rolledBack }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("deadLetter" as const), which, rolledBack }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("nack" as const), which, delayMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("extend" as const), which, leaseMs }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("redrive" as const, "discard" as const), which: fc.option(which) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
)

class Command implements fc.AsyncCommand<QueueModel, Real> {
  readonly action: Action

  constructor(action: Action) {
    this.action = action
  }

  check(model: Readonly<QueueModel>): boolean {
    return (
      !("which" in this.action && this.action.do !== "redrive" && this.action.do !== "discard") ||
      model.deliveries.length > model.closedDeliveries
    )
  }

  async run(model: QueueModel, real: Real): Promise<void> {
    await perform(this.action, model, real)
    // Looking costs more than doing: not after every command.
    if (++model.commands % 5 === 0) compare(model, real)
  }

  toString(): string {
    return JSON.stringify(this.action)
  }
}

function compare(model: QueueModel, real: Real): void {
  const { ready, delayed, inFlight, dead } = queueCounts(real.broker, real.name)
  expect({ waiting: ready + delayed, inFlight, dead }).toEqual(model.counts())
  const letters = real.queue.deadLetters.list().map((letter) => letter.id)
  expect(letters.sort()).toEqual(
    model
      .dead()
      .map((message) => message.id)
      .sort(),
  )
}

async function run(model: QueueModel, real: Real, sequence: Iterable<fc.AsyncCommand<QueueModel, Real>>): Promise<void> {
  await fc.asyncModelRun(() => ({ model, real }), sequence)
  compare(model, real)
}

async function perform(action: Action, model: QueueModel, real: Real): Promise<void> {
  switch (action.do) {
    case "send": {
      const options = { ...(action.key !== null && { key: action.key }), delayMs: action.delayMs }
      model.send(await real.queue.send("x", options), action.key ?? undefined, action.delayMs)
      return
    }
    case "sendMany": {
      const items = action.keys.map((each): [string, { key?: string }] => ["x", each === null ? {} : { key: each }])
      if (action.rolledBack) return undone(real, () => void real.queue.sendMany(items).catch(() => {}))
      const ids = await real.queue.sendMany(items)
      for (const [index, id] of ids.entries()) model.send(id, action.keys[index] ?? undefined, 0)
      return
    }
    case "receive":
      return receive(action, model, real)
    case "pass":
      model.now += action.ms
      return real.clock.advance(action.ms)
    case "redrive":
    case "discard":
      return deadLetters(action, model, real)
    case "reopen":
      if (real.reopen) {
        // Whether close() gives leases back or lets them end is not promised: they all end here.
        model.now += leaseMsMax
        await real.clock.advance(leaseMsMax)
        model.closedDeliveries = model.deliveries.length
        await real.broker.close()
        real.broker = real.reopen()
        real.queue = real.broker.queue(real.name, { orderByKey: model.ordered })
      }
      return
    default:
      return settle(action, model, real)
  }
}

function undone(real: Real, work: () => void): void {
  expect(() =>
    real.broker.transaction(() => {
      work()
      throw new Error("undone")
    }),
  ).toThrow("undone")
}

function receive(action: { max: number; leaseMs: number }, model: QueueModel, real: Real): void {
  const received = real.queue.receive({ max: action.max, leaseMs: action.leaseMs })
  putAside(model, real)
  const exhausted = model.exhausted()
  const due = model.due().filter((message) => !exhausted.includes(message))
  const messages = received.map((delivery) => due.find((candidate) => candidate.id === delivery.id))
  expect(messages.includes(undefined)).toBe(false)
  expect(new Set(messages).size).toBe(Math.min(action.max, due.length))
  // Messages that nothing has disturbed come in the order in which they were sent, and none of them is passed over.
  const undisturbed = (messages as ModelMessage[]).filter(isUndisturbed)
  expect(undisturbed).toEqual(due.filter(isUndisturbed).slice(0, undisturbed.length))
  for (const [index, message] of (messages as ModelMessage[]).entries()) {
    const delivery = received[index] as Delivery<string>
    real.deliveries[model.receive(message, action.leaseMs)] = delivery
    expect([delivery.attempt, delivery.key, delivery.body]).toEqual([message.attempt, message.key, "x"])
  }
}

function isUndisturbed(message: ModelMessage): boolean {
  return !message.disturbed && message.attempt === 0
}

/** When a message that is out of attempts becomes a dead letter is the queue's own affair; then the next of its key is due. */
function putAside(model: QueueModel, real: Real): void {
  const exhausted = model.exhausted()
  if (exhausted.length === 0) return
  const dead = new Set(real.queue.deadLetters.list().map((letter) => letter.id))
  for (const message of exhausted) message.dead = dead.has(message.id)
}

async function settle(action: Extract<Action, { which: number }>, model: QueueModel, real: Real): Promise<void> {
  // Mostly the newest deliveries: older ones are likely to be lost.
  const number = model.deliveries.length - 1 - (action.which % (model.deliveries.length - model.closedDeliveries))
  const delivery = real.deliveries[number] as Delivery<string>
  const lease = model.lease(number)
  const call = () => {
    if (action.do === "ack") delivery.ack()
    else if (action.do === "deadLetter") delivery.deadLetter("x")
    else if (action.do === "nack") delivery.nack({ delayMs: action.delayMs })
    else if (action.do === "extend") delivery.extend(action.leaseMs)
  }
  const refused = await refusal(() => {
    if ("rolledBack" in action && action.rolledBack && lease === "held") {
      undone(real, call)
      throw new Error("undone")
    }
    call()
    throw new Error("done")
  })
  if (refused.message === "undone") return
  if (refused.message === "done") {
    expect(lease === "held" || lease === "over").toBe(true)
    if (action.do === "ack") model.ack(number)
    else if (action.do === "deadLetter") model.deadLetter(number)
    else if (action.do === "nack") model.nack(number, action.delayMs)
    else if (action.do === "extend") model.extend(number, action.leaseMs)
    return
  }
  expect(refused).toBeInstanceOf(LeaseLostError)
  expect(lease === "lost" || lease === "over").toBe(true)
}

function deadLetters(action: { do: "redrive" | "discard"; which: number | null }, model: QueueModel, real: Real): void {
  const dead = model.dead()
  const chosen = action.which === null ? dead : dead.slice(action.which, action.which + 1)
  const ids = action.which === null ? undefined : [...chosen.map((message) => message.id), "unknown"]
  expect(real.queue.deadLetters[action.do](ids)).toBe(chosen.length)
  for (const message of chosen) model[action.do](message)
}

for (const ordered of [false, true]) {
  describe(`${ordered ? "an ordered" : "a"} queue under any sequence of commands`, () => {
    test("does what its model allows, and nothing is lost, doubled or out of order", async () => {
      const property = fc.asyncProperty(commands(100), async (sequence) => {
        await using here = timedBroker()
        const queue = here.broker.queue<string>("q", { orderByKey: ordered })
        const real: Real = { ...here, queue, name: "q", deliveries: [] }
        await run(new QueueModel(ordered, here.clock.now()), real, sequence)
      })
      await fc.assert(property, { numRuns: 200, interruptAfterTimeLimit: 50_000 })
    }, 60_000)

    test("does so over restarts, in a file", async () => {
      await using here = workspace()
      const clock = virtualClock()
      let files = 0
      const property = fc.asyncProperty(commands(40), async (sequence) => {
        const file = `broker-${++files}.db`
        const reopen = () => here.open({ clock, durability: "normal" }, file)
        const broker = reopen()
        const queue = broker.queue<string>("q", { orderByKey: ordered })
        const real: Real = { broker, queue, name: "q", clock, deliveries: [], reopen }
        await run(new QueueModel(ordered, clock.now()), real, sequence)
        await real.broker.close()
      })
      await fc.assert(property, { numRuns: 15, interruptAfterTimeLimit: 50_000 })
    }, 60_000)
  })
}

function commands(maxCommands: number) {
  return fc.commands([action.map((each) => new Command(each))], { maxCommands, size: "max" })
}
