import type { Channel, Handle } from "./contestant.ts"
import { orderOf } from "./contestant.ts"

export interface FlowSize {
  messages: number
  /** How many copies of each message are handled. */
  copies: number
  keys: number
}

export interface FlowRates {
  /** Accepted while nobody consumes. */
  sent: Rate
  /** Handled from a backlog, while nobody sends. */
  handled: Rate
  /** Sent and handled, both at once. */
  through: Rate
}

export interface Rate {
  perSecond: number
  /** What one message cost this process in microseconds of a core; a server's own work is not in it. */
  cpuMicros: number
}

const sendsInFlight = 100
const handlersAtOnce = 50

/** Sends, then handles, then both at once. */
export async function measureFlow(channel: Channel, size: FlowSize): Promise<FlowRates> {
  const { messages, copies, keys } = size
  const tally = new Tally()
  await sendAll(channel, Math.ceil(messages / 10), keys)
  const sent = await rateOf(messages, () => sendAll(channel, messages, keys))

  // On the clock from the first moment: a server that pushes ahead would otherwise have delivered much of it before.
  const stored = (messages + Math.ceil(messages / 10)) * copies
  const handled = await rateOf(stored, async () => {
    const all = tally.reaches(stored)
    await channel.consume(tally.handle, handlersAtOnce)
    await all
    await channel.settled?.()
  })

  const through = await rateOf(messages * copies, async () => {
    await Promise.all([tally.reaches(stored + messages * copies), sendAll(channel, messages, keys)])
    await channel.settled?.()
  })
  return { sent, handled, through }
}

/** Messages per second when each is awaited before the next is sent. */
export async function measureOneByOne(channel: Channel, messages: number): Promise<Rate> {
  const send = async (count: number) => {
    for (let number = 0; number < count; number++) {
      const order = orderOf(number, messages)
      await channel.send(order, order.order)
    }
  }
  await send(Math.ceil(messages / 10))
  return rateOf(messages, () => send(messages))
}

export async function sendAll(channel: Channel, messages: number, keys: number): Promise<void> {
  let next = 0
  const sender = async () => {
    while (next < messages) {
      const order = orderOf(next++, keys)
      await channel.send(order, order.order)
    }
  }
  await Promise.all(Array.from({ length: sendsInFlight }, sender))
}

export async function rateOf(count: number, work: () => Promise<unknown>): Promise<Rate> {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await work()
  const seconds = (performance.now() - begin) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: count / seconds, cpuMicros: (user + system) / count }
}

/** Counts what was handled. The handler does nothing, so that the broker's own work is all there is to see. */
export class Tally {
  #count = 0
  #waiters: { count: number; resolve: () => void }[] = []

  readonly handle: Handle = async () => {
    this.#count++
    const next = this.#waiters[0]
    if (next && this.#count >= next.count) {
      this.#waiters.shift()
      next.resolve()
    }
  }

  /** Resolves when so many have been handled since the beginning. To be asked for in rising order. */
  reaches(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiters.push({ count, resolve }))
  }
}
