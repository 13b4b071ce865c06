import type { Contestant, Place } from "./contestant.ts"
import { measureFlow, measureOneByOne, rateOf, sendAll, Tally } from "./flow.ts"
import { ownLoads } from "./loads-own.ts"

/** What one run of one contestant found, by name. The unit stands in the name. */
export type Figures = Record<string, number>

/** What a load is run with, in a process of its own. */
export interface Run {
  contestant: string
  place: Place
  /** How much, in the load's own measure. */
  size: number
  open(): Promise<Contestant>
}

export interface Load {
  readonly title: string
  /** Those who take part, each with how much it does: enough for a second or more of what it manages. */
  readonly sizes: Readonly<Record<string, number>>
  /** Of the size, in a quick run. */
  readonly quickShare: number
  /** Once is enough where a run is long, or has rounds of its own. */
  readonly roundsMax?: number
  /** Runs before, in another process: what it uses is not measured. */
  prepare?(run: Run): Promise<void>
  measure(run: Run): Promise<Figures>
}

const keys = 10_000

export const loads: Record<string, Load> = {
  queue: {
    title: "Queue: 200-byte JSON, 100 sends in flight, 50 handlers at once",
    sizes: {
      floor: 60_000,
      waystation: 60_000,
      bullmq: 10_000,
      nats: 20_000,
      rabbitmq: 15_000,
      "pg-boss": 2_000,
      plainjob: 5_000,
      "bullmq-synced": 5_000,
      "nats-synced": 5_000,
    },
    quickShare: 1 / 10,
    async measure({ open, size }) {
      return flow(await open(), (contestant) => contestant.queue(), { messages: size, copies: 1 })
    },
  },
  single: {
    title: "One send at a time, each awaited",
    sizes: {
      floor: 3_000,
      waystation: 3_000,
      bullmq: 2_000,
      nats: 2_000,
      rabbitmq: 1_000,
      "pg-boss": 500,
      plainjob: 2_000,
      "bullmq-synced": 1_000,
      "nats-synced": 1_000,
    },
    quickShare: 1 / 10,
    async measure({ open, size }) {
      const contestant = await open()
      const sent = await measureOneByOne(await contestant.queue(), size)
      await contestant.close()
      return { "sent/s": sent.perSecond, "sent µs CPU": sent.cpuMicros }
    },
  },
  "topic-1": topic(1, 30_000),
  "topic-10": topic(10, 6_000),
  "topic-100": topic(100, 800),
  partitioned: {
    title: "Partitioned channel: 8 partitions, order by key kept",
    sizes: { floor: 60_000, waystation: 60_000, nats: 15_000, "nats-synced": 5_000 },
    quickShare: 1 / 10,
    async measure({ open, size }) {
      return flow(await open(), (contestant) => partitionedOf(contestant), { messages: size, copies: 1 })
    },
  },
  replay: {
    title: "Replay of stored messages by a new group",
    sizes: { floor: 1_000_000, waystation: 1_000_000 },
    quickShare: 1 / 20,
    roundsMax: 3,
    async prepare({ open, size }) {
      const contestant = await open()
      await sendAll(await partitionedOf(contestant), size, keys)
      await contestant.close()
    },
    async measure({ open, size }) {
      const contestant = await open()
      const channel = await partitionedOf(contestant)
      const tally = new Tally()
      const all = tally.reaches(size)
      const handled = await rateOf(size, async () => {
        await channel.consume(tally.handle, 50)
        await all
      })
      await contestant.close()
      return {
        "handled/s": handled.perSecond,
        "handled µs CPU": handled.cpuMicros,
        "memory MB at most": process.resourceUsage().maxRSS / 1_024,
      }
    },
  },
  ...ownLoads,
}

function topic(subscriptions: number, messages: number): Load {
  return {
    title: `Topic with ${subscriptions} subscription${subscriptions > 1 ? "s" : ""}, 50 handlers at once in each`,
    sizes: { floor: messages, waystation: messages, rabbitmq: messages, nats: messages },
    quickShare: 1 / 10,
    async measure({ open, size }) {
      return flow(await open(), async (contestant) => (await contestant.topic?.(subscriptions)) ?? lacks("topics"), {
        messages: size,
        copies: subscriptions,
      })
    },
  }
}

async function flow(
  contestant: Contestant,
  channelOf: (contestant: Contestant) => ReturnType<Contestant["queue"]>,
  size: { messages: number; copies: number },
): Promise<Figures> {
  const { sent, handled, through } = await measureFlow(await channelOf(contestant), { ...size, keys })
  await contestant.close()
  return {
    "sent/s": sent.perSecond,
    "handled/s": handled.perSecond,
    "both/s": through.perSecond,
    "sent µs CPU": sent.cpuMicros,
    "handled µs CPU": handled.cpuMicros,
    "both µs CPU": through.cpuMicros,
  }
}

async function partitionedOf(contestant: Contestant) {
  return (await contestant.partitioned?.(8)) ?? lacks("partitioned channels")
}

function lacks(what: string): never {
  throw new Error(`This contestant has no ${what}.`)
}
