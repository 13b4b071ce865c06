import { type VirtualClock, virtualClock } from "#waystation/testing"
import { Todo } from "#workbook/todo.ts"
import { Anomaly, type AnomalyKind } from "./anomaly.ts"
import { History } from "./history.ts"
import { type Words, words } from "./language.ts"
import { Wrong } from "./wrong.ts"

/** What happened in virtual time where no messages are at stake: calls between services, and their answers. */
export class Story {
  readonly clock: VirtualClock
  readonly history: History
  /** What a promise of the learner's was rejected with, if that is a task which waits. */
  todo: Todo | undefined

  /** @param options.now where time begins: 0 where times of the clock are told, so that they are those of the steps */
  constructor(options: { now?: number } = {}) {
    this.clock = virtualClock(options)
    this.history = new History(() => this.clock.now())
  }

  get now(): number {
    return this.history.now
  }

  noteError(todo: Todo): void {
    this.todo ??= todo
  }

  /** Notes a step; what is told begins with its time. */
  tell(ko: string, en: string, ...parts: readonly (string | number | Words)[]): void {
    const at = this.now.toLocaleString("en")
    const told = words(ko, en, ...parts)
    this.history.add({ process: "", event: "told", words: { ko: `${at}ms: ${told.ko}`, en: `${at} ms: ${told.en}` } })
  }

  /** The failure that this story shows: `WRONG` where none of the anomalies' words means it. What is still to be written is none. */
  failure(kind: AnomalyKind | "WRONG", headline: Words, note?: Words): Error {
    if (this.todo) return this.todo
    if (kind !== "WRONG") return new Anomaly({ kind, headline, note }, this.history)
    const steps = this.history.steps.flatMap((step) => step.words ?? [])
    return new Wrong(headline, steps, note)
  }
}

/** How a promise ended, and when. */
export interface Ending<Value> {
  readonly at: number
  readonly value?: Value
  readonly error?: unknown
}

/** Where somebody waits: a story, or a station. */
export interface Place {
  readonly history: History
  /** What is still to be written is nobody's failure. */
  noteError(todo: Todo): void
}

/** Somebody who waits for a promise, and whom nobody has to wait for. */
export interface Watched<Value> {
  ending?: Ending<Value>
  /** Fulfilled when the promise has ended, either way. */
  readonly ended: Promise<void>
}

/** Whether the learner's function throws at once or its promise is rejected makes no difference to who awaits it. */
export function watched<Value>(place: Place, work: () => Promise<Value>): Watched<Value> {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const seen: Watched<Value> = { ended }
  const end = (how: { value: Value } | { error: unknown }) => {
    seen.ending = { at: place.history.now, ...how }
    resolve()
  }
  const begin = async () => work()
  begin().then(
    (value) => end({ value }),
    (error: unknown) => {
      if (error instanceof Todo) place.noteError(error)
      end({ error })
    },
  )
  return seen
}

/** What came of it, as a learner reads it. */
export function shown({ ending }: Watched<unknown>): string {
  return ending && "error" in ending ? String(ending.error) : JSON.stringify(ending?.value)
}

/**
 * Waits for what a real socket brings. Whether it came: only where it does not, and the test fails for that, does the
 * machine's time pass. On a machine that has no time for us that may be over at once, so the event loop, which has both
 * ends of the socket in it, gets its turns as well.
 */
export async function comes(promise: Promise<unknown>, withinMs = 300): Promise<boolean> {
  let came = false
  const seen = promise.then(
    () => {
      came = true
    },
    () => {
      came = true
    },
  )
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, withinMs)
  await Promise.race([seen, over])
  clearTimeout(timer)
  for (let turn = 0; !came && turn < 100; turn++) await new Promise((next) => setImmediate(next))
  return came
}
