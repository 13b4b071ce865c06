import { test } from "vitest"
import { FailureRate, HttpError, isFailure } from "#work/3.2.3-circuit-breaker/3-failure-rate.ts"
import { pick } from "../support/chance.ts"
import { explore } from "../support/explore.ts"
import { words } from "../support/language.ts"
import { Story } from "../support/story.ts"
import { Wrong } from "../support/wrong.ts"

class TimeoutError extends Error {
  override readonly name = "TimeoutError"
}

test("[5] an answer to a bad request is no failure of the service", () => {
  for (const status of [400, 401, 402, 404, 409, 422]) {
    if (!isFailure(new HttpError(status))) continue
    throw new Wrong(
      words(
        "isFailure(HTTP {0})의 결과가 true예요. 카드 서비스는 멀쩡히 대답했어요",
        "isFailure(HTTP {0}) is true, and the card service is well: it has answered",
        status,
      ),
    )
  }
})

test("[5] a service that cannot answer has failed", () => {
  const connection = Object.assign(new TypeError("fetch failed"), { cause: new Error("ECONNREFUSED") })
  for (const error of [new HttpError(500), new HttpError(502), new HttpError(503), new TimeoutError("no answer"), connection]) {
    if (isFailure(error)) continue
    throw new Wrong(
      words(
        "isFailure({0})의 결과가 false예요. 제대로 된 답을 받지 못했는데도요",
        "isFailure({0}) is false, and yet there was no proper answer",
        String(error),
      ),
    )
  }
})

/** So many calls end now, all of them well or none, or time passes. */
type Act = { readonly answers: number } | { readonly failures: number } | number

const options = { windowMs: 10_000, minimumCalls: 4, rateMax: 0.5 }
const answers = (count: number): Act => ({ answers: count })
const failures = (count: number): Act => ({ failures: count })

test("[6] the rate is too high above rateMax, from minimumCalls on, over the calls of the last windowMs", async () => {
  const small: Act[][] = [
    [1_000],
    [failures(3)],
    [failures(4)],
    [answers(4)],
    [failures(2), answers(2)],
    [failures(2), answers(2), failures(1)],
    [answers(1), failures(3)],
    [failures(4), 9_999],
    [failures(4), 10_001],
    [failures(3), 10_001, failures(1)],
    [answers(20), 10_001, failures(4)],
    [failures(4), 6_000, answers(5), 6_000, failures(6)],
  ]
  // In steps of 700 ms, of which 10,000 is no multiple: whether a call exactly as old as the window counts is not asked.
  const make = (random: () => number) =>
    Array.from({ length: 40 }, () => pick<Act>(random, [answers(1), failures(1), failures(2), 700, 2_100, 7_000]))
  await explore({ small, random: { count: 40, make } }, checkRate)
})

/** After every call, and when time has passed, the answer must be right. */
async function checkRate(acts: readonly Act[]): Promise<void> {
  const story = new Story()
  const rate = new FailureRate({ clock: story.clock, ...options })
  const ended: { at: number; failed: boolean }[] = []
  for (const act of acts) {
    if (typeof act === "number") {
      await story.clock.advance(act)
      checkAnswer(story, rate, ended)
      continue
    }
    const [count, failed] = "answers" in act ? [act.answers, false] : [act.failures, true]
    for (let call = 1; call <= count; call++) {
      rate.record(failed)
      ended.push({ at: story.now, failed })
      checkAnswer(story, rate, ended, () => tellCalls(story, call, failed))
    }
    tellCalls(story, count, failed)
  }
}

function checkAnswer(story: Story, rate: FailureRate, ended: readonly { at: number; failed: boolean }[], tell?: () => void): void {
  const { windowMs, minimumCalls, rateMax } = options
  const counted = ended.filter(({ at }) => at > story.now - windowMs)
  const failed = counted.filter((call) => call.failed).length
  const said = rate.isTooHigh()
  if (said === (counted.length >= minimumCalls && failed > rateMax * counted.length)) return
  tell?.()
  story.tell("isTooHigh()의 결과는 {0}", "isTooHigh() is {0}", String(said))
  const headline = words(
    "지난 {0}ms에 끝난 호출은 {1}건이고 그중 {2}건이 실패했는데, isTooHigh()의 결과가 {3}예요",
    "calls that ended in the last {0} ms: {1}, failed: {2}, and isTooHigh() is {3}",
    ...[windowMs.toLocaleString("en"), counted.length, failed, String(said)],
  )
  const note = words("{0}건부터, 실패가 {1}%를 넘으면 true예요", "true is above {1}%, from {0} calls on", minimumCalls, rateMax * 100)
  throw story.failure("WRONG", headline, note)
}

function tellCalls(story: Story, count: number, failed: boolean): void {
  if (failed) story.tell("호출 {0}건이 실패해요", "calls that fail: {0}", count)
  else story.tell("호출 {0}건이 답을 받아요", "calls that are answered: {0}", count)
}
