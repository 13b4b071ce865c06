import { test } from "vitest"
import { type VirtualClock, virtualClock } from "#waystation/testing"
import * as work from "#work/3.4.1-synchronous-calls-and-availability/2-measurement.ts"
import { seed, seeded } from "../support/chance.ts"
import { type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { unreliable } from "./services.ts"

/** Lets the learner's code measure, and gives it all the time that it may need. */
async function measured(clock: VirtualClock, order: work.Order, requests: number, everyMs: number): Promise<number> {
  let result: { share: number } | { error: unknown } | undefined
  work.measure(order, clock, requests, everyMs).then(
    (share) => {
      result = { share }
    },
    (error: unknown) => {
      result = { error }
    },
  )
  // Also for code that waits for every answer: what it measured is worth more to its author than that it took too long.
  await clock.advance(1.5 * requests * everyMs + 10_000)
  if (!result) throw new Wrong(words("`measure`가 끝나지 않아요", "`measure` does not come to an end"))
  if ("error" in result) throw result.error
  return result.share
}

/** What becomes of a request, and after how long. */
interface Answer {
  readonly accepted: boolean
  readonly afterMs: number
}
const accepted: Answer = { accepted: true, afterMs: 0 }
const failed: Answer = { accepted: false, afterMs: 0 }
const timedOut: Answer = { accepted: false, afterMs: 1_000 }

async function play(answers: readonly Answer[]): Promise<{ share: number; times: number[] }> {
  const clock = virtualClock()
  const began = clock.now()
  const times: number[] = []
  const share = await measured(
    clock,
    async () => {
      const answer = answers[times.length] ?? accepted
      times.push(clock.now() - began)
      if (answer.afterMs > 0) await clock.sleep(answer.afterMs)
      if (!answer.accepted) throw new Error("No answer.")
    },
    answers.length,
    100,
  )
  return { share, times }
}

test("[4] asks as often as it should", async () => {
  const { times } = await play([accepted, accepted, accepted])
  if (times.length === 3) return
  throw new Wrong(words("요청이 {0}번 나갔어요. 맞는 횟수는 3번이에요", "{0} requests went out instead of 3", times.length))
})

test("[4] asks once every so often, whether or not the answers have come", async () => {
  for (const answers of [
    [accepted, accepted, accepted, accepted],
    [accepted, timedOut, accepted, accepted],
  ]) {
    const { times } = await play(answers)
    const late = times.findIndex((time, index) => index > 0 && time - (times[index - 1] ?? 0) !== 100)
    if (late === -1) continue
    const gapMs = (times[late] ?? 0) - (times[late - 1] ?? 0)
    throw new Wrong(
      words(
        "{0}번째 요청이 앞 요청의 {1}ms 뒤에 나갔어요. 맞는 간격은 100ms예요",
        "request {0} went out {1} ms after the one before, instead of 100 ms",
        late + 1,
        gapMs,
      ),
      told(answers, times),
    )
  }
})

test("[4] the share is that of the accepted among all requests, also those answered last", async () => {
  const late: Answer = { accepted: true, afterMs: 900 }
  for (const answers of [
    [accepted],
    [accepted, failed],
    [failed, failed],
    [accepted, timedOut, accepted, accepted],
    [accepted, late],
    [late, timedOut],
  ]) {
    const { share, times } = await play(answers)
    const expected = answers.filter((answer) => answer.accepted).length / answers.length
    if (share === expected) continue
    throw new Wrong(
      words("답이 {0:이에요/예요}. 맞는 값은 {1:이에요/예요}", "the answer is {0}, and should be {1}", String(share), expected),
      told(answers, times),
    )
  }
})

function told(answers: readonly Answer[], times: readonly number[]): Words[] {
  return answers.map(({ accepted: ok, afterMs }, index) => {
    const what = ok ? words("접수돼요", "accepted") : afterMs > 0 ? words("시간이 초과돼요", "timed out") : words("실패해요", "failed")
    if (times[index] === undefined) return words("나가지 않아요", "does not go out")
    return words("{0}ms: 요청이 나가고, {1}ms 뒤에 {2}", "{0} ms: a request goes out, {2} after {1} ms", times[index], afterMs, what)
  })
}

// A hundred thousand steps of virtual time: on a busy machine they take longer than a test usually may.
const limitMs = 30_000

test(
  "[4] agrees with the formula over 100,000 requests to a chain of four services",
  async () => {
    const clock = virtualClock()
    const requests = 100_000
    const services = [1, 2, 3, 4].map((number) => unreliable(clock, seeded(seed() + number)))
    const truth = shareUp(clock.now(), requests)
    const share = await measured(
      clock,
      async () => {
        if (services.map((isUp) => isUp()).every(Boolean)) return
        await clock.sleep(1_000)
        throw new Error("No answer.")
      },
      requests,
      100,
    )
    if (Math.abs(share - truth) < 0.000_5) return
    const percent = (part: number) => `${(100 * part).toFixed(2)} %`
    throw new Wrong(words("잰 가용성이 실제와 달라요", "what was measured is not what was there"), [
      words("공식: 0.995⁴ = {0}", "by the formula: 0.995⁴ = {0}", percent(0.995 ** 4)),
      words("실제: 네 서비스가 함께 켜져 있던 시간 {0}", "in fact: all four were up for {0} of the time", percent(truth)),
      words("`measure`의 답: {0}", "by `measure`: {0}", percent(share)),
    ])
  },
  limitMs,
)

/** The share of the moments, 100 ms apart, at which all four services are up. */
function shareUp(began: number, moments: number): number {
  let now = began
  const services = [1, 2, 3, 4].map((number) => unreliable({ now: () => now }, seeded(seed() + number)))
  let up = 0
  for (let moment = 0; moment < moments; moment++, now += 100) up += Number(services.map((isUp) => isUp()).every(Boolean))
  return up / moments
}
