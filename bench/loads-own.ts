import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { type Broker, openBroker } from "../broker/index.ts"
import { type Order, orderOf } from "./contestant.ts"
import { percentile } from "./figures.ts"
import { measureFlow, rateOf, Tally } from "./flow.ts"
import type { Load, Run } from "./loads.ts"

const root = join(import.meta.dirname, "..")

/** What is compared with itself, or with a bound of time: no other broker is needed for it. */
export const ownLoads: Record<string, Load> = {
  backlog: {
    title: "Claim rate with a backlog, and opening its file",
    sizes: { waystation: 5_000_000 },
    quickShare: 1 / 50,
    roundsMax: 1,
    async prepare({ place, size }) {
      for (const backlog of backlogs(size)) {
        await using broker = backlogBroker(place.directory, backlog)
        await fill(broker, backlog)
      }
    },
    measure: measureBacklogs,
  },
  "order-by-key": {
    title: "orderByKey with 100,000 keys, one of them failing",
    sizes: { waystation: 100_000 },
    quickShare: 1 / 10,
    async measure({ place, size }) {
      // Both at once would share the disk; one after the other, twice, in both orders, shares the weather.
      const rates: Record<"sound" | "failing", number[]> = { sound: [], failing: [] }
      for (const [index, kind] of (["sound", "failing", "failing", "sound"] as const).entries()) {
        rates[kind].push(await orderedRate(join(place.directory, `ordered-${index}.db`), size, kind === "failing"))
      }
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
      return { "sound/s": mean(rates.sound), "one failing/s": mean(rates.failing), ratio: mean(rates.failing) / mean(rates.sound) }
    },
  },
  latency: {
    title: "From send to handler, at 100 messages per second",
    sizes: { waystation: 2_000 },
    quickShare: 1 / 10,
    measure: measureLatency,
  },
  "event-loop": {
    title: "Event-loop delay under full load",
    sizes: { floor: 60_000, waystation: 60_000 },
    quickShare: 1 / 10,
    async measure({ open, size }) {
      const contestant = await open()
      const delay = monitorEventLoopDelay({ resolution: 1 })
      const channel = await contestant.queue()
      delay.enable()
      await measureFlow(channel, { messages: size, copies: 1, keys: size })
      delay.disable()
      await contestant.close()
      return { "p50 ms": delay.percentile(50) / 1e6, "p99 ms": delay.percentile(99) / 1e6, "max ms": delay.max / 1e6 }
    },
  },
  idle: {
    title: "Idle broker with 10 consumers",
    sizes: { waystation: 60 },
    quickShare: 1 / 10,
    roundsMax: 1,
    measure: measureIdle,
  },
  start: {
    title: "From npm start to the first result",
    sizes: { waystation: 1 },
    quickShare: 1,
    async measure() {
      const begin = performance.now()
      const workbook = spawn("npm", ["start", "--silent", "--", "--once"], { cwd: root, stdio: ["ignore", "pipe", "ignore"] })
      await once(workbook.stdout, "data")
      const ms = performance.now() - begin
      await once(workbook, "exit")
      return { "start ms": ms }
    },
  },
}

function backlogs(largest: number): number[] {
  return [1_000, largest / 50, largest]
}

function backlogBroker(directory: string, backlog: number): Broker {
  return openBroker(join(directory, `backlog-${backlog}.db`))
}

async function fill(broker: Broker, messages: number): Promise<void> {
  const queue = broker.queue<Order>("orders")
  const batch = 1_000
  for (let sent = 0; sent < messages; sent += batch) {
    await queue.sendMany(Array.from({ length: Math.min(batch, messages - sent) }, (_, index) => orderOf(sent + index, messages)))
  }
}

const claimSize = 50
const claimsPerTurn = 20

/** Claims 50 at a time from each backlog in turns. What was claimed is settled and replaced off the clock. */
async function measureBacklogs({ place, size }: Run) {
  const begin = performance.now()
  const largest = backlogBroker(place.directory, size)
  const openMs = performance.now() - begin
  const brokers = backlogs(size).map((backlog) => ({
    backlog,
    broker: backlog === size ? largest : backlogBroker(place.directory, backlog),
    claimMs: [] as number[],
  }))
  for (let turn = 0; turn < 30; turn++) {
    for (const { broker, claimMs } of brokers) {
      const queue = broker.queue<Order>("orders")
      for (let claim = 0; claim < claimsPerTurn; claim++) {
        const claimBegin = performance.now()
        const deliveries = queue.receive({ max: claimSize })
        if (turn > 0) claimMs.push(performance.now() - claimBegin)
        broker.transaction(() => {
          for (const delivery of deliveries) delivery.ack()
          void queue.sendMany(deliveries.map((delivery) => delivery.body))
        })
      }
    }
  }
  for (const { broker } of brokers) await broker.close()
  // The median claim, so that one that met a checkpoint or another process does not decide.
  const rates = brokers.map(({ claimMs }) => claimSize / (percentile(claimMs, 50) / 1_000))
  return {
    ...Object.fromEntries(brokers.map(({ backlog }, index) => [`claimed/s of ${backlog}`, rates[index] as number])),
    ratio: (rates.at(-1) as number) / (rates[0] as number),
    "open ms": openMs,
  }
}

/** Handles a queue in which one key has a thousand messages and fails, or not, and every other key has one. */
async function orderedRate(path: string, keys: number, failing: boolean): Promise<number> {
  await using broker = openBroker(path)
  const queue = broker.queue<Order>("orders", { orderByKey: true })
  const hot = Math.min(1_000, keys / 10)
  const hotKey = orderOf(0, 1).order
  for (let sent = 0; sent < keys; sent += 1_000) {
    const orders = Array.from({ length: 1_000 }, (_, index) => orderOf(sent + index, keys))
    await queue.sendMany(orders.map((order) => [order, { key: order.order }]))
    if (sent * hot < keys * 1_000) await queue.sendMany(orders.slice(0, hot).map((order) => [order, { key: hotKey }]))
  }
  const tally = new Tally()
  // The failing key is the first order's, so all of the others' are to be handled.
  const others = keys - 1
  const done = tally.reaches(others)
  const backoff = { initialMs: 5, factor: 1, maxMs: 5 }
  const { perSecond } = await rateOf(others, async () => {
    queue.consume(
      async (message) => {
        if (message.key !== hotKey) await tally.handle(message.body)
        else if (failing) throw new Error("this key fails")
      },
      { concurrency: 50, attemptsMax: 1_000_000, backoff },
    )
    await done
  })
  return perSecond
}

/** 100 messages a second, each with the time of its `send`, to a handler here and to one in another process. */
async function measureLatency({ place, size }: Run) {
  const path = join(place.directory, "latency.db")
  await using broker = openBroker(path)
  const own = broker.queue<{ at: number }>("own")
  const ownMs: number[] = []
  own.consume((message) => ownMs.push(monotonicMs() - message.body.at))
  const other = broker.queue<{ at: number }>("other")
  const listener = spawn(process.execPath, [join(import.meta.dirname, "listener.ts"), path, `${size}`], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  const result = new Promise<number[]>((resolve, reject) => {
    listener.on("message", (message: "ready" | number[]) => message === "ready" || resolve(message))
    listener.once("exit", (code) => reject(new Error(`The listener ended with ${code}.`)))
  })
  await once(listener, "message")
  for (let number = 0; number < size; number++) {
    for (const queue of [own, other]) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      void queue.send({ at: monotonicMs() })
    }
  }
  const otherMs = await result
  return {
    "same process p50 ms": percentile(ownMs, 50),
    "same process p99 ms": percentile(ownMs, 99),
    "other process p50 ms": percentile(otherMs, 50),
    "other process p99 ms": percentile(otherMs, 99),
  }
}

/** One clock for all of the machine's Node processes. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

async function measureIdle({ place, size }: Run) {
  await using broker = openBroker(join(place.directory, "idle.db"))
  const queue = broker.queue("orders")
  for (let number = 0; number < 10; number++) queue.consume(() => {})
  await queue.send({})
  const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  await pause(2)
  const memory = process.memoryUsage().rss
  const cpu = process.cpuUsage()
  await pause(size)
  const { user, system } = process.cpuUsage(cpu)
  return { "CPU %": (user + system) / 1e4 / size, "memory growth MB": (process.memoryUsage().rss - memory) / 2 ** 20 }
}
