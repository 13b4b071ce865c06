import { afterEach, expect, test, vi } from "vitest"
import { type Call, charge, TimeoutError, withTimeout } from "#work/3.2.3-circuit-breaker/1-timeout.ts"
import { words } from "../support/language.ts"
import { comes, Story, shown, watched } from "../support/story.ts"
import { Wrong } from "../support/wrong.ts"
import { CardService } from "./card-service.ts"

const timeoutMs = 1_000
const answer = { approved: true }

/** How the service called behaves. `onAbort`: whether the call stops when the signal says so, or does not look at it. */
interface Behaviour {
  readonly answersAt?: number
  readonly failsAt?: number
  readonly onAbort?: "stops"
}

/** A call in virtual time, which tells what happens to it. */
class WatchedCall {
  readonly story = new Story()
  readonly failure = new Error("connection reset")
  abortedAt: number | undefined
  readonly #behaviour: Behaviour

  constructor(behaviour: Behaviour) {
    this.#behaviour = behaviour
  }

  readonly call: Call<typeof answer> = (signal) => {
    const { story, failure } = this
    if (!(signal instanceof AbortSignal)) throw new Wrong(words("호출에 신호(signal)가 건네지지 않았어요", "the call was given no signal"))
    const { answersAt, failsAt, onAbort } = this.#behaviour
    story.tell("호출을 시작해요. 타임아웃은 {0}ms예요", "the call begins; its time-out is {0} ms", timeoutMs.toLocaleString("en"))
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        this.abortedAt = story.now
        story.tell("그만두라는 신호가 호출에 와요", "the signal tells the call to stop")
        if (onAbort === "stops") reject(new DOMException("This operation was aborted", "AbortError"))
      })
      if (answersAt !== undefined) {
        story.clock.setTimer(answersAt, () => {
          story.tell("답이 와요", "the answer comes")
          resolve(answer)
        })
      }
      if (failsAt !== undefined) {
        story.clock.setTimer(failsAt, () => {
          story.tell("연결이 끊겨서 호출이 실패해요", "the connection is reset, the call fails")
          reject(failure)
        })
      }
    })
  }
}

test("[1] an answer or an error in time is the caller's, and nothing is left of the time-out", async () => {
  for (const [behaviour, endsAt] of [
    [{ answersAt: 300 }, 300] as const,
    [{ failsAt: 300 }, 300] as const,
    [{ answersAt: 999 }, 999] as const,
  ]) {
    const watch = new WatchedCall(behaviour)
    const { story, failure } = watch
    const seen = watched(story, () => withTimeout(story.clock, timeoutMs, watch.call))
    await story.clock.advance(endsAt)
    const { ending } = seen
    if (!ending)
      throw story.failure("STUCK", words("호출은 끝났는데 호출한 쪽은 아직 기다려요", "the call has ended, and its caller still waits"))
    const right = "failsAt" in behaviour ? ending.error === failure : ending.value === answer
    if (!right) throw story.failure("WRONG", words("호출한 쪽이 받은 것은 {0}예요", "what the caller gets is {0}", shown(seen)))
    await story.clock.advance(10_000)
    if (watch.abortedAt !== undefined) {
      throw story.failure("PHANTOM", words("이미 끝난 호출에 시간이 다 됐다고 알려요", "a call that has ended is told that its time is up"))
    }
  }
})

test("[1] a call that ended in time leaves no timer behind", async () => {
  for (const behaviour of [{ answersAt: 300 }, { failsAt: 300 }]) {
    const watch = new WatchedCall(behaviour)
    const { story } = watch
    watched(story, () => withTimeout(story.clock, timeoutMs, watch.call))
    await story.clock.advance(300)
    if (story.clock.pending > 0) {
      const note = words(
        "1초에 1,000건을 부르는 서비스라면 이런 타이머가 늘 1,000개 떠 있어요",
        "a service that makes 1,000 calls a second has 1,000 such timers at any time",
      )
      throw story.failure("STUCK", words("호출은 끝났는데 타이머가 남아서 기다려요", "the call has ended, and its timer still waits"), note)
    }
  }
})

test("[1] without an answer in time the caller gets a TimeoutError and the call is told to stop", async () => {
  const behaviours: Behaviour[] = [{}, { onAbort: "stops" }, { answersAt: 1_500 }, { failsAt: 1_500 }]
  for (const behaviour of behaviours) {
    const watch = new WatchedCall(behaviour)
    const { story } = watch
    const seen = watched(story, () => withTimeout(story.clock, timeoutMs, watch.call))
    await story.clock.advance(timeoutMs - 1)
    const early = seen.ending
    if (early) {
      throw story.failure(
        "WRONG",
        words("{0}ms에 벌써 기다리기를 그만뒀어요", "at {0} ms the caller has stopped waiting already", early.at),
      )
    }
    await story.clock.advance(1)
    const at = timeoutMs.toLocaleString("en")
    if (!seen.ending) {
      await story.clock.advance(9_000)
      throw story.failure("STUCK", words("{0}ms가 지났는데 호출한 쪽은 여전히 기다려요", "{0} ms are over, and the caller still waits", at))
    }
    if (watch.abortedAt === undefined) {
      throw story.failure(
        "STUCK",
        words(
          "시간이 다 됐는데 호출은 그만두라는 말을 듣지 못하고 계속돼요",
          "the time is up, and the call, which nobody told to stop, goes on",
        ),
      )
    }
    if (!(seen.ending.error instanceof TimeoutError)) {
      throw story.failure("WRONG", words("TimeoutError가 아니라 {0}가 나왔어요", "not a TimeoutError comes out, but {0}", shown(seen)))
    }
    await story.clock.advance(10_000)
  }
})

const services: CardService[] = []

async function cardService(behaviour: CardService["behaviour"]): Promise<CardService> {
  const service = new CardService(behaviour)
  services.push(service)
  await service.listen()
  return service
}

afterEach(async () => {
  vi.restoreAllMocks()
  for (const service of services.splice(0)) await service.close()
})

test("[2] what the card service answers is the result", async () => {
  for (const result of ["approved", "declined"] as const) {
    const service = await cardService(result)
    const { story } = service
    const seen = watched(story, () => charge(story.clock, service.url, service.payment, timeoutMs))
    if (!(await comes(seen.ended))) throw service.unexpected()
    if (!service.charged) throw service.unexpected()
    if (seen.ending?.value !== result) {
      const headline = words(
        "카드 서비스의 답은 {0}인데 결과는 {1}예요",
        "the card service says {0}, and the result is {1}",
        result,
        shown(seen),
      )
      throw story.failure("WRONG", headline)
    }
  }
})

test("[2] without an answer in time nobody knows, and the service sees us hang up", async () => {
  await checkSilence(await cardService("silent"))
})

test("[2] an answer of which only the head comes is no answer", async () => {
  const { promise: head, resolve } = Promise.withResolvers<void>()
  const original = globalThis.fetch
  vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
    const response = await original(...request)
    resolve()
    return response
  })
  const service = await cardService("half")
  await checkSilence(service, head)
})

async function checkSilence(service: CardService, head?: Promise<void>): Promise<void> {
  const { story } = service
  const seen = watched(story, () => charge(story.clock, service.url, service.payment, timeoutMs))
  if (!(await comes(Promise.race([service.asked, seen.ended])))) throw service.unexpected()
  if (head) await comes(head)
  if (!service.charged && story.history.steps.length > 0) throw service.unexpected()
  const early = seen.ending
  if (early) throw story.failure("WRONG", words("답을 기다리지 않아요", "it does not wait for the answer"))
  await story.clock.advance(timeoutMs)
  await comes(seen.ended)
  if (!seen.ending) {
    const at = timeoutMs.toLocaleString("en")
    const note = words(
      "시간은 건네받은 `clock`으로 재요. `AbortSignal.timeout()`은 기계의 시계를 봐요. 본문을 읽는 동안에도 시간은 가요",
      "time is what the `clock` says; `AbortSignal.timeout()` looks at the machine's. And it goes on while the body is read",
    )
    throw story.failure("STUCK", words("{0}ms가 지났는데 아직 기다려요", "{0} ms are over, and it still waits", at), note)
  }
  if (seen.ending.value !== "unknown") {
    const headline = words(
      "카드는 이미 결제됐는데 결과는 {0}예요. 시간 안에 답이 없었다는 것 말고는 아무것도 몰라요",
      "the card has been charged, and the result is {0}; all that is known is that no answer came in time",
      shown(seen),
    )
    throw story.failure(seen.ending.value ? "PHANTOM" : "WRONG", headline)
  }
  if (!(await comes(service.hungUp))) {
    throw story.failure(
      "STUCK",
      words("기다리기를 그만뒀는데 연결은 그대로 열려 있어요", "it has stopped waiting, and the connection is still open"),
    )
  }
  expect(service.paid).toEqual([service.payment])
}
