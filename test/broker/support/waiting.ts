import type { Broker, BrokerEvent, BrokerEvents } from "#waystation"

/** Below the five seconds that the runners allow a test, so that the message says what was missing. */
const limitMs = 4_000

/** Something that happens once: `opened` resolves when `open()` is called. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: () => resolve() }
}

/** Collects what happens, so that a test can wait for it instead of sleeping. */
export class Recording<Item> {
  readonly items: Item[] = []
  readonly #waiting = new Set<() => void>()

  /** Bound, so that it can be handed over as a listener. */
  readonly add = (item: Item): void => {
    this.items.push(item)
    for (const check of this.#waiting) check()
  }

  /** Resolves with everything collected so far once there are `count` items (that satisfy `match`). */
  reaches(count: number, match: (item: Item) => boolean = () => true): Promise<Item[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Item[]>()
    const check = () => {
      if (this.items.filter(match).length < count) return
      finish()
      resolve([...this.items])
    }
    const limit = setTimeout(() => {
      finish()
      reject(new Error(`Waited for ${count}, and these came: ${JSON.stringify(this.items)?.slice(0, 2_000)}`))
    }, limitMs)
    const finish = () => {
      clearTimeout(limit)
      this.#waiting.delete(check)
    }
    this.#waiting.add(check)
    check()
    return promise
  }
}

export function recording<Item = unknown>(): Recording<Item> {
  return new Recording<Item>()
}

/** A message's events; "failed" tells of other things. */
export type EventName = Exclude<keyof BrokerEvents, "failed">

export type NamedEvent = BrokerEvent & { name: EventName }

/** Everything of these names that one or several brokers say from now on. */
export function eventsOf(brokers: Broker | Broker[], ...names: EventName[]): Recording<NamedEvent> {
  const events = recording<NamedEvent>()
  for (const broker of [brokers].flat()) {
    for (const name of names) broker.events.on(name, (event: BrokerEvent) => events.add({ ...event, name }))
  }
  return events
}

/** Rejects if `promise` is still pending after the limit: for promises that a defect leaves hanging. */
export async function settles<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const limit = setTimeout(() => reject(new Error(`Still pending after ${limitMs} ms: ${what}`)), limitMs)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(limit)
  }
}

/** What a refused call throws, whether it throws or rejects. */
export async function refusal(call: () => unknown): Promise<Error> {
  try {
    await call()
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error(`Threw something that is no Error: ${String(error)}`)
  }
  throw new Error("Was accepted, and should have been refused.")
}
