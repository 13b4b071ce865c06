import { expect, test } from "vitest"
import type { Channel, Contestant, Place } from "../../bench/contestant.ts"
import * as floor from "../../bench/contestants/floor.ts"
import * as waystation from "../../bench/contestants/waystation.ts"
import { median } from "../../bench/figures.ts"
import { measureFlow } from "../../bench/flow.ts"

/**
 * Guards against a slowdown that nobody meant: what a message costs beside the bare least of the same work, side by side
 * and in turns. It is the processor's time, in memory: neither the disk nor other programs on the machine decide it; and the
 * bounds are twice what was measured. How fast it really is, `npm run bench` tells.
 */
const rounds = 3
const inMemory: Place = { directory: "", port: 0 }

test.each<{
  name: string
  messages: number
  copies: number
  timesMax: number
  open: (contestant: Contestant) => Promise<Channel> | undefined
}>([
  { name: "a queue", messages: 2_500, copies: 1, timesMax: 4.5, open: (contestant) => contestant.queue() },
  { name: "a topic with ten subscriptions", messages: 250, copies: 10, timesMax: 3, open: (contestant) => contestant.topic?.(10) },
  { name: "a partitioned channel", messages: 2_500, copies: 1, timesMax: 4, open: (contestant) => contestant.partitioned?.(8) },
])(
  "$name costs at most $timesMax times what bare SQLite does",
  async ({ messages, copies, timesMax, open }) => {
    const measure = async (contender: { open(place: Place): Promise<Contestant> }) => {
      const contestant = await contender.open(inMemory)
      const { sent, handled, through } = await measureFlow((await open(contestant)) as Channel, { messages, copies, keys: 1_000 })
      await contestant.close()
      return sent.cpuMicros + handled.cpuMicros + through.cpuMicros
    }
    const times: number[] = []
    for (let round = 0; round < rounds; round++) times.push((await measure(waystation)) / (await measure(floor)))
    expect(median(times)).toBeLessThan(timesMax)
  },
  30_000,
)
