import type { Broker } from "#waystation"
import type { Finding } from "../support/anomaly.ts"
import type { Step } from "../support/history.ts"
import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Crash, type Process } from "../support/process.ts"
import { Station } from "../support/station.ts"

export interface Order {
  readonly id: string
  readonly dish: string
}

export interface Answer {
  readonly orderId: string
  readonly accepted: boolean
}

export const orderService: Words = { ko: "주문 서비스", en: "the order service" }
export const phoneService: Words = { ko: "전화 주문 서비스", en: "the phone service" }
export const theKitchen: Words = { ko: "주방", en: "the kitchen" }
export const courierNamed = (name: string): Words => ({ ko: `라이더 ${name}`, en: `courier ${name}` })
export const order = (number: number): Order => ({ id: `order-${number}`, dish: number % 2 ? "bibimbap" : "japchae" })
export const yesOrNo = (accepted: unknown): Words =>
  accepted === true ? { ko: "수락", en: "accepted" } : accepted === false ? { ko: "거절", en: "refused" } : shown(accepted)

/** Whatever the learner's code answered, as it stands in a sentence. */
export function shown(value: unknown): Words {
  const text = code(value === undefined ? "undefined" : JSON.stringify(value))
  return { ko: text, en: text }
}

/** How long each order takes whoever handles it, by its id, and which ones are refused the first time ("not now, ask again"). */
export interface Pace {
  readonly ms?: Readonly<Record<string, number>>
  /** "order-7": by everybody; "accounting order-7": by that one. */
  readonly notNow?: readonly string[]
}

type Told = Partial<Omit<Step, "at" | "process" | "event" | "who" | "words">>

/** A run in which services tell each other of orders. */
export class StyleRun extends Station {
  readonly #pace: Pace

  /** `quiet`: what is sent is not told, because others tell of it. */
  constructor(pace: Pace = {}, { quiet = false } = {}) {
    const sent = (message: string, channel: string) =>
      words("{0:이/가} {1} 채널로 가요", "{0} is sent to the channel {1}", code(message), code(channel))
    super({ name: (body) => nameOf(body), ...(!quiet && { sent }) })
    this.#pace = pace
  }

  /** Notes that somebody does something; `who` is the sentence's first part. */
  tell(who: Words, event: string, about: Told, [ko, en]: readonly [string, string], ...parts: readonly (string | number | Words)[]): Step {
    return this.history.add({ process: who.en, who, event, ...about, words: words(ko, en, who, ...parts) })
  }

  /** Somebody works on an order in this process, for as long as it takes, and may not be able to just now. */
  async work(who: Words, process: Process, id: string): Promise<void> {
    const before = this.history.of("begun").some((step) => step.message === id && step.process === who.en)
    const about = { message: id, key: id }
    try {
      process.effect()
      this.tell(who, "begun", about, before ? again : first, code(id))
      await process.sleep(this.#pace.ms?.[id] ?? 100)
      if (!before && this.#pace.notNow?.some((name) => name === id || name === `${who.en} ${id}`)) {
        this.tell(
          who,
          "refused",
          about,
          ["{0:은/는} {1:을/를} 지금 처리하지 못해서 예외를 던져요", "{0} cannot do {1} now and throws"],
          code(id),
        )
        throw new Refusal(`${who.en} cannot do ${id} now`)
      }
      process.effect()
    } catch (error) {
      // The code of a process that has crashed does not go on, not even into its catch blocks.
      if (error instanceof Crash) await new Promise(() => {})
      throw error
    }
  }

  /** The same, and the work is all there is to it. */
  async finishes(who: Words, process: Process, id: string): Promise<void> {
    await this.work(who, process, id)
    this.tell(who, "finished", { message: id, key: id }, ["{0:이/가} {1:을/를} 끝내요", "{0} finishes {1}"], code(id))
  }

  /** A promise of the learner's code, and what has become of it by now. */
  watch<Value>(promise: Promise<Value>): Watched<Value> {
    const began = this.clock.now()
    const watched: Watched<Value> = { settled: false, afterMs: undefined, value: undefined, error: undefined }
    const settle = (how: { value: Value } | { error: unknown }) =>
      void Object.assign(watched, { settled: true, afterMs: this.clock.now() - began, ...how })
    promise.then(
      (value) => settle({ value }),
      (error: unknown) => settle({ error }),
    )
    return watched
  }

  /** Moves time on until the promise is settled, or for long enough to see that it never is. Throws what it was rejected with. */
  async outcome<Value>(promise: Promise<Value>): Promise<Watched<Value>> {
    const watched = this.watch(promise)
    await this.reaches(() => watched.settled, patienceMs)
    if (watched.error !== undefined) throw watched.error
    return watched
  }
}

export interface Watched<Value> {
  readonly settled: boolean
  /** How much time that took. */
  readonly afterMs: number | undefined
  readonly value: Value | undefined
  readonly error: unknown
}

/** Longer than anything in these runs takes, or any default of the broker's. */
export const patienceMs = 60_000

const first = ["{0:이/가} {1:을/를} 받아요", "{0} gets {1}"] as const
const again = ["{0:이/가} {1:을/를} 다시 받아요", "{0} gets {1} again"] as const

function nameOf(body: unknown): { message: string; key?: string } {
  const { id, orderId, accepted, courier, minutes } = (body ?? {}) as Record<string, unknown>
  if (typeof id === "string") return { message: id, key: id }
  if (typeof orderId !== "string") return { message: JSON.stringify(body) ?? "undefined" }
  if (accepted !== undefined) return { message: `${orderId} accepted: ${String(accepted)}`, key: orderId }
  if (courier !== undefined) return { message: `${orderId} courier: ${String(courier)}, minutes: ${String(minutes)}`, key: orderId }
  return { message: orderId, key: orderId }
}

/** STUCK: the sender was held, though it needs nothing to go on. A commit takes no virtual time, whoever waits for a service does. */
export function held(afterMs: number | undefined, what: string): Finding | undefined {
  if (afterMs !== undefined && afterMs < 40) return undefined
  const headline =
    afterMs === undefined
      ? words("{0:이/가} 끝나지 않아서 주문 서비스가 붙들려 있어요", "{0} does not come to an end: the order service is held", code(what))
      : words(
          "{0:이/가} 주문 서비스를 {1}ms 동안 붙들어요. 곧바로 다음 일을 해도 되는데도요",
          "{0} holds the order service for {1} ms, which could have gone on at once",
          code(what),
          afterMs,
        )
  return { kind: "STUCK", headline }
}

/** LOST: it did not come about, and no channel holds a message any more. STUCK, if one does. */
export function missed(broker: Broker, finding: Omit<Finding, "kind">): Finding {
  const { queues, topics } = broker.inspect()
  const lines = [...queues, ...topics.flatMap((topic) => topic.subscriptions)]
  if (!lines.some(({ ready, delayed, inFlight }) => ready + delayed + inFlight > 0)) return { ...finding, kind: "LOST" }
  const note = words("메시지는 아직 채널에서 기다리고 있어요", "the message still waits in its channel")
  return { ...finding, kind: "STUCK", note }
}
