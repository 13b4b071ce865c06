import type { Clock } from "#waystation"
import type { AnomalyKind } from "../support/anomaly.ts"
import { type Words, words } from "../support/language.ts"
import { type Story, watched } from "../support/story.ts"

export interface BreakerOptions {
  readonly windowMs: number
  readonly minimumCalls: number
  readonly rateMax: number
  readonly openMs: number
}

/** A breaker of whatever make: the learner's, or a library's behind an adapter. */
export interface BreakerUnderTest {
  run<Answer>(call: () => Promise<Answer>): Promise<Answer>
  /** Whether this error says that the breaker refused the call. */
  refused(error: unknown): boolean
  readonly state: "closed" | "open" | "half-open"
}

/** The card service has answered with a status. */
export class HttpError extends Error {
  override readonly name = "HttpError"
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

export function isFailure(error: unknown): boolean {
  return !(error instanceof HttpError) || error.status >= 500
}

/** Where time comes from: the story's own clock, or one that a library reads. */
export interface Time {
  advance(ms: number): Promise<void>
}

export type Outcome = "answered" | "failed" | "declined"

/** A call that the breaker was asked to make. */
export interface Asked {
  readonly name: Words
  readonly made: boolean
  readonly ending: { readonly value?: unknown; readonly error?: unknown } | undefined
  finish(outcome: Outcome): Promise<void>
}

export const options: BreakerOptions = { windowMs: 10_000, minimumCalls: 4, rateMax: 0.5, openMs: 5_000 }

/** The calls of the last windowMs, as task 6 asks for it. */
export class SlidingRate {
  readonly #clock: Clock
  #ended: { readonly at: number; readonly failed: boolean }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  record(failed: boolean): void {
    this.#ended.push({ at: this.#clock.now(), failed })
  }

  isTooHigh(): boolean {
    const counted = this.#ended.filter(({ at }) => at > this.#clock.now() - options.windowMs)
    const failures = counted.filter(({ failed }) => failed).length
    return counted.length >= options.minimumCalls && failures > options.rateMax * counted.length
  }
}

/** Calls to the card service through a breaker, one step after the other, each of them told. */
export class BreakerRun {
  readonly story: Story
  readonly breaker: BreakerUnderTest
  readonly #time: Time
  #count = 0

  constructor(story: Story, time: Time, breaker: BreakerUnderTest) {
    this.story = story
    this.breaker = breaker
    this.#time = time
  }

  async passes(ms: number): Promise<void> {
    await this.#time.advance(ms)
  }

  /** Begins a call; it ends when `finish()` says so. */
  async asks(silent = false): Promise<Asked> {
    const count = ++this.#count
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let made = false
    const seen = watched(this.story, () =>
      this.breaker.run(() => {
        made = true
        return promise
      }),
    )
    const asked: Asked = {
      name: { ko: `호출 ${count}`, en: `call ${count}` },
      get made() {
        return made
      },
      get ending() {
        return seen.ending
      },
      finish: async (outcome) => {
        if (!silent) this.#tellOutcome(asked, outcome)
        if (outcome === "answered") resolve("approved")
        else reject(new HttpError(outcome === "failed" ? 503 : 402))
        await this.#time.advance(0)
      },
    }
    await this.#time.advance(0)
    if (!silent) this.#tellAsked(asked)
    return asked
  }

  /** As many calls, one after the other, each ending at once. The last of them, or the first that was not made. */
  async ends(count: number, outcome: Outcome): Promise<Asked> {
    const first = this.#count + 1
    let asked: Asked
    do {
      asked = await this.asks(true)
      if (asked.made) await asked.finish(outcome)
    } while (asked.made && this.#count < first + count - 1)
    this.#tellMany(first, asked.made ? this.#count : this.#count - 1, outcome)
    if (!asked.made) this.#tellAsked(asked)
    return asked
  }

  /** Four failures of four: it is open now. */
  async opens(): Promise<void> {
    await this.ends(options.minimumCalls, "failed")
    this.expectState("open")
  }

  expectState(state: "closed" | "open" | "half-open"): void {
    const said = this.breaker.state
    if (said === state) return
    throw this.story.failure(
      "WRONG",
      words("state는 {0:이어야/여야} 하는데 {1:이에요/예요}", "state should be {0} and is {1}", state, String(said)),
    )
  }

  /** Fails if the call was not made. */
  expectMade(asked: Asked, headline: Words, kind: AnomalyKind | "WRONG" = "STUCK", note?: Words): void {
    if (!asked.made) throw this.story.failure(kind, headline, note)
  }

  /** Fails if the call was made, or if it was refused in another way than at once and by its error. */
  expectRefused(asked: Asked, headline: Words, kind: AnomalyKind | "WRONG" = "WRONG"): void {
    if (asked.made) throw this.story.failure(kind, headline)
    if (!asked.ending) {
      const waits = words("{0:은/는} 거절되지도 나가지도 않고 기다려요", "{0} is neither made nor refused: it waits", asked.name)
      throw this.story.failure("STUCK", waits)
    }
    if (this.breaker.refused(asked.ending.error)) return
    const got = String(asked.ending.error ?? asked.ending.value)
    throw this.story.failure(
      "WRONG",
      words("{0:은/는} CircuitOpenError가 아니라 {1}로 끝나요", "{0} ends not with CircuitOpenError, but with {1}", asked.name, got),
    )
  }

  #tellAsked({ name, made, ending }: Asked): void {
    if (made) this.story.tell("{0:이/가} 카드 서비스로 나가요", "{0} goes out to the card service", name)
    else if (ending) this.story.tell("{0:은/는} 거절돼요", "{0} is refused", name)
    else this.story.tell("{0:이/가} 기다려요", "{0} waits", name)
  }

  #tellOutcome({ name }: Asked, outcome: Outcome): void {
    if (outcome === "answered") this.story.tell("{0}의 답이 와요", "{0} is answered", name)
    if (outcome === "failed") this.story.tell("{0:이/가} 실패해요 (HTTP 503)", "{0} fails (HTTP 503)", name)
    if (outcome === "declined")
      this.story.tell("{0}의 답이 와요: 카드가 거절됐어요 (HTTP 402)", "{0} is answered: the card is declined (HTTP 402)", name)
  }

  #tellMany(first: number, last: number, outcome: Outcome): void {
    if (last < first) return
    const numbers = first === last ? String(first) : `${first}–${last}`
    const which: Words = { ko: `호출 ${numbers}`, en: `call${first === last ? "" : "s"} ${numbers}` }
    if (outcome === "answered") this.story.tell("{0}: 나가서 답을 받아요", "{0}: made and answered", which)
    if (outcome === "failed") this.story.tell("{0}: 나가서 실패해요 (HTTP 503)", "{0}: made, and failed (HTTP 503)", which)
    if (outcome === "declined")
      this.story.tell("{0}: 나가서 카드가 거절돼요 (HTTP 402)", "{0}: made, and the card is declined (HTTP 402)", which)
  }
}
