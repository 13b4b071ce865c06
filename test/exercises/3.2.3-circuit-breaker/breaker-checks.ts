import { words } from "../support/language.ts"
import { type Asked, type BreakerRun, HttpError, options } from "./breaker-run.ts"

/** What a breaker should do, whoever wrote it. Each check begins with a closed one. */
export interface BreakerCheck {
  readonly task: 7 | 8
  readonly title: string
  readonly check: (run: BreakerRun) => Promise<void>
}

const { windowMs, openMs } = options
const openFor = openMs.toLocaleString("en")
const refusedWithoutNeed = words("차단기가 닫혀 있어야 하는데 호출을 거절해요", "the breaker should be closed, and it refuses a call")

export const breakerChecks: readonly BreakerCheck[] = [
  { task: 7, title: "closed, it hands on what the calls bring", check: handsOn },
  { task: 7, title: "closed, it lets calls run side by side", check: sideBySide },
  { task: 7, title: "it opens when the rate is too high", check: opens },
  { task: 7, title: "it stays closed below the minimum of calls", check: belowMinimum },
  { task: 7, title: "it stays closed at the rate that is bearable", check: bearable },
  { task: 7, title: "it forgets failures that are too old", check: forgets },
  { task: 7, title: "errors of the client do not open it", check: clientErrors },
  { task: 7, title: "open, it refuses for the whole of openMs", check: refuses },
  { task: 8, title: "after openMs it lets a call through", check: halfOpens },
  { task: 8, title: "half-open, a second call is refused", check: singleProbe },
  { task: 8, title: "a probe that is answered closes it", check: closes },
  { task: 8, title: "closed again, it begins with no failures", check: beginsAnew },
  { task: 8, title: "a probe that fails opens it for the whole of openMs", check: opensAgain },
  { task: 8, title: "a probe that the service declines is no failure", check: declinedProbe },
  { task: 8, title: "late failures do not prolong it", check: lateWhileOpen },
  { task: 8, title: "half-open, a late answer does not close it", check: lateAnswer },
  { task: 8, title: "half-open, a late failure does not open it", check: lateFailure },
]

async function handsOn(run: BreakerRun): Promise<void> {
  const answered = await run.ends(1, "answered")
  if (answered.ending?.value !== "approved") {
    const got = String(answered.ending?.error ?? answered.ending?.value)
    throw run.story.failure(
      "WRONG",
      words("답은 approved인데 호출한 쪽이 받은 것은 {0}", "the answer is approved, and the caller gets {0}", got),
    )
  }
  const failed = await run.ends(1, "failed")
  const { error } = failed.ending ?? {}
  if (error instanceof HttpError && error.status === 503) return
  const got = String(error ?? failed.ending?.value)
  throw run.story.failure(
    "WRONG",
    words("오류는 HTTP 503인데 호출한 쪽이 받은 것은 {0}", "the error is HTTP 503, and the caller gets {0}", got),
  )
}

async function sideBySide(run: BreakerRun): Promise<void> {
  for (let count = 0; count < 3; count++) run.expectMade(await run.asks(), refusedWithoutNeed)
}

async function opens(run: BreakerRun): Promise<void> {
  const fourth = await run.ends(4, "failed")
  run.expectMade(fourth, refusedWithoutNeed)
  run.expectRefused(
    await run.asks(),
    words("4건 중 4건이 실패했는데 호출이 또 나가요", "4 of 4 calls have failed, and another one is made"),
  )
}

async function belowMinimum(run: BreakerRun): Promise<void> {
  await run.ends(3, "failed")
  run.expectMade(await run.asks(), words("호출 3건만으로 차단했어요. 최소 4건이에요", "it is open after 3 calls, and the minimum is 4"))
}

async function bearable(run: BreakerRun): Promise<void> {
  await run.ends(2, "answered")
  await run.ends(2, "failed")
  const fifth = await run.ends(1, "failed")
  run.expectMade(
    fifth,
    words("4건 중 2건이 실패했는데 차단했어요. 50%를 넘어야 해요", "it is open with 2 of 4 failed: that is not above 50%"),
  )
  run.expectRefused(
    await run.asks(),
    words("5건 중 3건이 실패했는데 호출이 또 나가요", "3 of 5 calls have failed, and another one is made"),
  )
}

async function forgets(run: BreakerRun): Promise<void> {
  await run.ends(3, "failed")
  await run.passes(windowMs + 1_000)
  await run.ends(3, "answered")
  await run.ends(1, "failed")
  const headline = words(
    "지난 {0}ms에는 4건 중 1건만 실패했는데 차단했어요",
    "it is open, and in the last {0} ms 1 of 4 calls has failed",
    windowMs.toLocaleString("en"),
  )
  run.expectMade(await run.asks(), headline)
}

async function clientErrors(run: BreakerRun): Promise<void> {
  await run.ends(10, "declined")
  const headline = words(
    "카드 서비스는 모든 호출에 답했는데 차단기는 장애라고 해요",
    "the card service has answered every call, and the breaker says that it is down",
  )
  run.expectMade(await run.asks(), headline, "PHANTOM")
}

async function refuses(run: BreakerRun): Promise<void> {
  await run.ends(4, "failed")
  for (const ms of [0, 1_000, openMs - 1_001]) {
    await run.passes(ms)
    const headline = words(
      "열린 차단기가 {0}ms도 되기 전에 호출을 내보내요",
      "the breaker is open, and makes a call before {0} ms are over",
      openFor,
    )
    run.expectRefused(await run.asks(), headline)
  }
}

/** Open since openMs ago: the next call must be made. */
async function probes(run: BreakerRun): Promise<Asked> {
  await run.opens()
  await run.passes(openMs)
  return probe(run)
}

async function probe(run: BreakerRun): Promise<Asked> {
  const asked = await run.asks()
  const note = words("카드 서비스가 살아났는지 누가 확인하죠?", "who finds out whether the card service is well again?")
  run.expectMade(asked, words("{0}ms가 지났는데도 거절해요", "{0} ms are over, and it still refuses", openFor), "STUCK", note)
  return asked
}

async function halfOpens(run: BreakerRun): Promise<void> {
  await probes(run)
  run.expectState("half-open")
}

async function singleProbe(run: BreakerRun): Promise<void> {
  await probes(run)
  await run.passes(1_000)
  for (const ms of [0, openMs]) {
    await run.passes(ms)
    run.expectRefused(await run.asks(), secondProbe, "DUPLICATED")
  }
}

const secondProbe = words("시험 호출이 아직 안 끝났는데 하나 더 나가요", "one probe is outstanding, and a second one is made")

async function closes(run: BreakerRun): Promise<void> {
  const asked = await probes(run)
  await asked.finish("answered")
  for (let count = 0; count < 3; count++) {
    run.expectMade(
      await run.asks(),
      words("시험 호출이 성공했는데 다음 호출을 거절해요", "the probe was answered, and the next calls are refused"),
    )
  }
  run.expectState("closed")
}

async function beginsAnew(run: BreakerRun): Promise<void> {
  const asked = await probes(run)
  await asked.finish("answered")
  run.expectMade(await run.ends(1, "failed"), refusedWithoutNeed)
  const headline = words("다시 닫힌 뒤 1건이 실패했을 뿐인데 또 열려요", "it opens again, and since it was closed only 1 call has failed")
  const note = words("열리기 전의 실패를 아직 세고 있어요", "it still counts the failures from before it opened")
  run.expectMade(await run.asks(), headline, "STUCK", note)
}

async function opensAgain(run: BreakerRun): Promise<void> {
  let asked = await probes(run)
  for (let count = 0; count < 2; count++) {
    await run.passes(2_000)
    await asked.finish("failed")
    for (const ms of [0, openMs - 1]) {
      await run.passes(ms)
      const headline = words(
        "시험 호출이 실패한 지 {0}ms가 안 됐는데 호출이 나가요",
        "a call is made before {0} ms have passed since the probe failed",
        openFor,
      )
      run.expectRefused(await run.asks(), headline)
    }
    await run.passes(1)
    asked = await probe(run)
  }
}

async function declinedProbe(run: BreakerRun): Promise<void> {
  const asked = await probes(run)
  await asked.finish("declined")
  const headline = words(
    "카드 서비스가 시험 호출에 답했는데 다음 호출을 거절해요",
    "the card service has answered the probe, and the next call is refused",
  )
  run.expectMade(await run.asks(), headline, "PHANTOM")
}

async function lateWhileOpen(run: BreakerRun): Promise<void> {
  const late = [await run.asks(), await run.asks(), await run.asks()]
  await run.opens()
  await run.passes(3_000)
  for (const call of late) await call.finish("failed")
  await run.passes(openMs - 3_000)
  const headline = words("열린 지 {0}ms가 지났는데도 거절해요", "it has been open for {0} ms and still refuses", openFor)
  const note = words(
    "열리기 전에 나간 호출이 늦게 실패해서 시간을 늘렸나요?",
    "do the late failures of calls from before it opened prolong it?",
  )
  run.expectMade(await run.asks(), headline, "STUCK", note)
}

async function lateAnswer(run: BreakerRun): Promise<void> {
  const late = await run.asks()
  await probes(run)
  if ((await run.asks()).made) throw run.story.failure("DUPLICATED", secondProbe)
  await late.finish("answered")
  if (!(await run.asks()).made) return
  const headline = words(
    "시험 호출이 안 끝났는데, 열리기 전에 나간 호출의 답 때문에 닫혔어요",
    "the probe is outstanding, and the answer to a call from before it opened has closed it",
  )
  throw run.story.failure("WRONG", headline)
}

async function lateFailure(run: BreakerRun): Promise<void> {
  const late = await run.asks()
  const asked = await probes(run)
  run.expectState("half-open")
  await late.finish("failed")
  if (run.breaker.state !== "half-open") {
    const reopened = words(
      "시험 호출이 안 끝났는데, 열리기 전에 나간 호출의 실패 때문에 {0:으로/로} 바뀌었어요",
      "the probe is outstanding, and because of a call from before it opened it is {0} now",
      run.breaker.state,
    )
    throw run.story.failure("WRONG", reopened)
  }
  await asked.finish("answered")
  const headline = words(
    "시험 호출이 성공했는데, 열리기 전에 나간 호출의 실패 때문에 또 거절해요",
    "the probe was answered, and it refuses because of a call from before it opened",
  )
  run.expectMade(await run.asks(), headline)
}
