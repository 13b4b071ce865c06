import { Anomaly, type AnomalyKind, type Finding } from "../support/anomaly.ts"
import { duplicated, phantom, reordered, type Sent } from "../support/checks.ts"
import type { Step } from "../support/history.ts"
import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Crash, type Process } from "../support/process.ts"
import { Station } from "../support/station.ts"

export const orderService: Words = { ko: "주문 서비스", en: "the order service" }

/** How long a handler works, and which messages it refuses the first time. */
export interface Pace {
  readonly ms?: number
  readonly refused?: readonly string[]
}

/** What a broker of a family holds to, whoever wrote it. `Make` opens one for a process. */
export interface Check<Make> {
  readonly task: number
  readonly title: string
  readonly check: (make: Make) => Promise<void>
}

/** What the findings need to know of the broker. */
export interface Broker {
  /** Whether it still holds the message for whoever is missing it. */
  readonly keeps: (message: Sent) => boolean
  /** Why it does not come any more, if it does not. */
  readonly forgotten: Words
  /** Whether the messages of a key are finished in their order. @default true */
  readonly ordered?: boolean
}

/** How long a consumer waits that found nothing. */
const pauseMs = 200

/** A broker's file, processes that use it, and the history of what becomes of the messages. */
export class BrokerRun extends Station {
  constructor() {
    super({ name: (body) => ({ message: String(body) }) })
  }

  /** Notes what happened, to be told. */
  tell(ko: string, en: string, ...parts: readonly (string | number | Words)[]): Step {
    return this.history.add({ process: "", event: "told", words: words(ko, en, ...parts) })
  }

  /** What to throw for it: what the learner's code threw, if it did, or else the anomaly with all that happened so far. */
  failure(kind: AnomalyKind, headline: Words, note?: Words): Error {
    this.judge()
    return new Anomaly({ kind, headline, note }, this.history)
  }

  async passes(ms: number): Promise<void> {
    await this.clock.advance(ms)
    this.tell("{0}초가 지나요", "{0} s pass", ms / 1_000)
  }

  /**
   * A handler of this process: it notes when it begins a message and when it has finished it, and may crash at either.
   * `as` is what a message is called in the history, where several services handle the same one.
   */
  handler(process: Process, { ms = 100, refused = [] }: Pace, as: (body: string) => Sent): (body: string) => Promise<void> {
    const { history } = this
    const note = (event: string, body: string, ko: string, en: string) => {
      const about = { process: process.who.en, who: process.who, event, ...as(body) }
      return history.add({ ...about, words: words(ko, en, process.who, code(body)) })
    }
    return async (body) => {
      const again = history.of("begun").some((step) => step.message === as(body).message)
      try {
        process.effect()
        if (again) note("begun", body, "{1:이/가} {0}에 다시 와요", "{1} comes to {0} again")
        else note("begun", body, "{1:이/가} {0}에 와요", "{1} comes to {0}")
        await process.sleep(ms)
        if (!again && refused.includes(body)) {
          note("refused", body, "{0:이/가} {1:을/를} 지금은 처리하지 못해 예외를 던져요", "{0} cannot do {1} now and throws")
          throw new Refusal(`${process.who.en} cannot do ${body} now`)
        }
        process.effect()
        note("finished", body, "{0:이/가} {1:을/를} 끝내요", "{0} finishes {1}")
      } catch (error) {
        // The code of a process that has crashed does not go on.
        if (error instanceof Crash) await new Promise(() => {})
        throw error
      }
    }
  }

  /** Calls `next`, which handles one message, again and again: as a process does that only consumes. */
  async loop(process: Process, next: () => Promise<boolean>): Promise<void> {
    while (process.alive) {
      try {
        const worked = await next()
        await process.sleep(worked ? 1 : pauseMs)
      } catch (error) {
        if (!process.alive) return
        if (!(error instanceof Refusal)) return this.noteError(error)
        await process.sleep(pauseMs)
      }
    }
  }

  /** Time for a process to do its work, crash included. What is left of its effects, such as looking again whether something came, is as good as those. */
  async works(process: Process): Promise<boolean> {
    await this.clock.advance(500)
    process.crashAtEffect(Number.POSITIVE_INFINITY)
    return !process.alive
  }

  /** Moves time on until all of it is finished once, and a little further: something may come twice. Not if it goes round in circles. */
  async finishes(messages: readonly string[]): Promise<void> {
    const times = () => messages.map((message) => this.#finished(message))
    const circling = () => times().some((count) => count > 3)
    await this.reaches(() => circling() || times().every((count) => count > 0), 20_000)
    if (!circling()) await this.clock.advance(1_500)
  }

  /** What may be wrong where everybody handles what comes. */
  findings(sent: readonly Sent[], { keeps, forgotten, ordered = true }: Broker): (Finding | undefined)[] {
    const { history } = this
    const crashed = history.of("crashed").length > 0
    return [
      phantom(history, sent),
      crashed ? this.#tooOften(sent) : duplicated(history),
      this.#unfinished(sent, keeps, forgotten),
      ordered ? reordered(history, sent) : undefined,
    ]
  }

  #finished(message: string): number {
    return this.history.of("finished").filter((step) => step.message === message).length
  }

  /** Whoever crashes may have handled a message and not said so: it is handled once more, and no more often. */
  #tooOften(sent: readonly Sent[]): Finding | undefined {
    const often = sent.find(({ message }) => this.#finished(message) > 2)
    if (!often) return undefined
    const headline = words("{0:이/가} 끝없이 다시 와요", "{0} comes again without end", code(often.message))
    return { kind: "DUPLICATED", headline, keys: [often.key], messages: [often.message] }
  }

  #unfinished(sent: readonly Sent[], keeps: (message: Sent) => boolean, forgotten: Words): Finding | undefined {
    const missing = sent.find(({ message }) => this.#finished(message) === 0)
    if (!missing) return undefined
    const name = code(missing.message)
    if (keeps(missing)) {
      const headline = words("{0:은/는} 아직 있는데 아무도 끝내지 않아요", "{0} is still there, and nobody finishes it", name)
      return { kind: "STUCK", headline, keys: [missing.key] }
    }
    const headline = words("{0:은/는} 끝까지 처리되지 않았고, 다시 오지도 않아요", "{0} was never finished, and does not come again", name)
    return { kind: "LOST", headline, note: forgotten, keys: [missing.key] }
  }
}
