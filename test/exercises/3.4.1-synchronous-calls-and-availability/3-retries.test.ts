import { test } from "vitest"
import { virtualClock } from "#waystation/testing"
import * as work from "#work/3.4.1-synchronous-calls-and-availability/3-retries.ts"
import { type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { Accounting } from "./services.ts"

type Outcome = "answered" | "unavailable" | "refused" | "broken"
type Retrying = (call: work.Call, clock: work.Clock) => Promise<void>

const outcomeWords: Record<Outcome, Words> = {
  answered: words("응답", "answered"),
  unavailable: words("Unavailable", "Unavailable"),
  refused: words("Refused", "Refused"),
  broken: words("TypeError", "TypeError"),
}
const errors = {
  unavailable: (call: number) => new work.Unavailable(`No answer to call ${call}.`),
  refused: () => new work.Refused("No money on the card."),
  broken: () => new TypeError("undefined is not a function"),
}

/** One request whose calls end so, one after the other; the last one goes on for ever. */
async function play(outcomes: readonly Outcome[], retrying: Retrying) {
  const clock = virtualClock()
  const began = clock.now()
  const times: number[] = []
  const thrown: unknown[] = []
  const call = async () => {
    const outcome = outcomes[Math.min(times.length, outcomes.length - 1)] ?? "answered"
    times.push(clock.now() - began)
    if (outcome === "answered") return
    thrown.push(errors[outcome](times.length))
    throw thrown.at(-1)
  }
  let ended: { error: unknown } | "fulfilled" | undefined
  retrying(call, clock).then(
    () => {
      ended = "fulfilled"
    },
    (error: unknown) => {
      ended = { error }
    },
  )
  await clock.advance(60_000)
  if (typeof ended === "object" && !thrown.includes(ended.error) && (ended.error as Error)?.name === "Todo") throw ended.error
  return { times, thrown, ended }
}

async function expectCalls(outcomes: readonly Outcome[], expected: readonly number[], retrying: Retrying): Promise<void> {
  const { times, thrown, ended } = await play(outcomes, retrying)
  const steps = times.map((time, index) =>
    words(
      "{0}ms: 호출 {1}번, {2}",
      "{0} ms: call {1}, {2}",
      time,
      index + 1,
      outcomeWords[outcomes[Math.min(index, outcomes.length - 1)] ?? "answered"],
    ),
  )
  if (times.join() !== expected.join()) {
    const headline = words(
      "호출한 때가 {0}ms예요. 맞는 때는 {1}ms예요",
      "called at {0} ms, and should be at {1} ms",
      times.join(", ") || "–",
      expected.join(", "),
    )
    throw new Wrong(headline, steps)
  }
  if (!ended) throw new Wrong(words("끝나지 않아요", "it does not come to an end"), steps)
  const last = outcomes[Math.min(times.length, outcomes.length) - 1]
  if (last === "answered" && ended !== "fulfilled")
    throw new Wrong(words("응답을 받고도 실패로 끝나요", "it was answered, and ends as a failure"), steps)
  if (last !== "answered" && ended === "fulfilled")
    throw new Wrong(words("실패했는데 성공으로 끝나요", "it failed, and ends as a success"), steps)
  if (typeof ended === "object" && ended.error !== thrown.at(-1)) {
    const got = ended.error instanceof Error ? `${ended.error.constructor.name}: ${ended.error.message}` : String(ended.error)
    throw new Wrong(
      words("마지막 호출의 오류가 아니라 다른 것으로 끝나요: {0}", "it ends with something else than the error of the last call: {0}", got),
      steps,
    )
  }
}

test("[5] what is answered is not asked again", async () => {
  await expectCalls(["answered"], [0], work.retrying)
})

test("[5] what has no answer is asked again, with growing waits, three times in all", async () => {
  await expectCalls(["unavailable", "answered"], [0, 100], work.retrying)
  await expectCalls(["unavailable", "unavailable", "answered"], [0, 100, 300], work.retrying)
  await expectCalls(["unavailable"], [0, 100, 300], work.retrying)
})

test("[5] a no is an answer, and a mistake in the code does not go away", async () => {
  await expectCalls(["refused"], [0], work.retrying)
  await expectCalls(["broken"], [0], work.retrying)
  await expectCalls(["unavailable", "refused"], [0, 100], work.retrying)
})

/** How many retries the budget gives now, if asked for twenty. */
function left(budget: work.RetryBudget): number {
  return Array.from({ length: 20 }, () => budget.spend()).filter(Boolean).length
}

test("[6] the budget begins with ten, gets one for every ten requests, and keeps ten at most", () => {
  for (const [spent, earned, expected] of [
    [0, 0, 10],
    [20, 9, 0],
    [20, 10, 1],
    [20, 35, 3],
    [5, 20, 7],
    [0, 1_000, 10],
    [20, 1_000, 10],
  ] as const) {
    const budget = new work.RetryBudget()
    for (let times = 0; times < spent; times++) budget.spend()
    for (let times = 0; times < earned; times++) budget.earn()
    const got = left(budget)
    if (got === expected) continue
    throw new Wrong(words("재시도가 {0}번 허락돼요. 맞는 횟수는 {1}번이에요", "{0} retries are allowed instead of {1}", got, expected), [
      words("새 예산에서 `spend()`를 {0}번", "a new budget, and `spend()` {0} times", spent),
      words("`earn()`을 {0}번", "`earn()` {0} times", earned),
      words("다시 `spend()`를 20번", "`spend()` again, 20 times", 20),
    ])
  }
})

test("[6] with an empty budget there is one call, with a full one as many as before", async () => {
  const empty = new work.RetryBudget()
  left(empty)
  await expectCalls(["unavailable"], [0], (call, clock) => work.retryingWithin(empty, call, clock))
  const full = new work.RetryBudget()
  await expectCalls(["unavailable"], [0, 100, 300], (call, clock) => work.retryingWithin(full, call, clock))
  await expectCalls(["refused"], [0], (call, clock) => work.retryingWithin(full, call, clock))
})

test("[6] a request earns once, and only a retry costs", async () => {
  for (const [outcomes, earned, expected] of [
    [["answered"], 49, 5],
    [["refused"], 49, 5],
    [["unavailable", "answered"], 48, 3],
    [["unavailable"], 48, 2],
  ] as const) {
    const budget = new work.RetryBudget()
    left(budget)
    for (let times = 0; times < earned; times++) budget.earn()
    await play(outcomes, (call, clock) => work.retryingWithin(budget, call, clock))
    const got = left(budget)
    if (got === expected) continue
    const steps = [
      words("빈 예산에 `earn()`을 {0}번", "an empty budget, and `earn()` {0} times", earned),
      words("요청 하나: {0}", "one request: {0}", { ko: ends(outcomes, "ko"), en: ends(outcomes, "en") }),
    ]
    throw new Wrong(
      words("그 뒤 재시도가 {0}번 허락돼요. 맞는 횟수는 {1}번이에요", "{0} retries are allowed after it instead of {1}", got, expected),
      steps,
    )
  }
})

function ends(outcomes: readonly Outcome[], language: keyof Words): string {
  const all = outcomes.at(-1) === "unavailable" ? (["unavailable", "unavailable", "unavailable"] as const) : outcomes
  return all.map((outcome) => outcomeWords[outcome][language]).join(" → ")
}

test("[6] an outage of two seconds is over when it is over", async () => {
  const clock = virtualClock()
  const accounting = new Accounting(clock, 10_000)
  const budget = new work.RetryBudget()
  const call = async () => {
    if (!(await accounting.call())) throw new work.Unavailable("No answer within a second.")
  }
  const accepted = [0, 0, 0, 0, 0, 0]
  const order = async (index: number) => {
    await clock.sleep(index * 12.5)
    await work.retryingWithin(budget, call, clock)
    accepted[Math.floor(index / 800)] = (accepted[Math.floor(index / 800)] ?? 0) + 1
  }
  const orders = Promise.allSettled(Array.from({ length: 4_800 }, (_, index) => order(index)))
  await clock.advance(120_000)
  for (const result of await orders) if (result.status === "rejected" && result.reason?.name === "Todo") throw result.reason
  if (accepted.slice(3).every((count) => count >= 792)) return
  const shares = accepted.map((count, index) =>
    words("{0}–{1}초: {2} %", "second {0}–{1}: {2} %", index * 10, index * 10 + 9, Math.round(count / 8)),
  )
  throw new Wrong(
    words(
      "회계 서비스는 12초에 돌아왔는데 주문은 30초가 지나도 실패해요",
      "the accounting service is back at second 12, and orders fail after second 30",
    ),
    [words("1초에 주문 80개, 회계 서비스는 1초에 100개까지", "80 orders a second; the accounting service can do 100"), ...shares],
    words("호출 {0}번", "{0} calls", accounting.calls.toLocaleString("en")),
  )
})
