import { test } from "vitest"
import { Bulkheads, Limit, TooManyCallsError } from "#work/3.2.3-circuit-breaker/2-limit.ts"
import { combinations, explore } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import { Story, shown, watched } from "../support/story.ts"

/** What happens next: a call is begun (one that ends later, or one that throws at once), or the oldest outstanding one ends. */
type Act = "begins" | "throws" | "answers" | "fails"

interface Outstanding {
  readonly name: Words
  readonly answer: () => void
  readonly fail: () => void
}

/** Calls to a service, against what a limit of `max` should do with them. */
class Calls {
  readonly story = new Story()
  readonly max: number
  readonly run: (call: () => Promise<string>) => Promise<string>
  readonly outstanding: Outstanding[] = []
  #count = 0
  readonly #service: string

  constructor(max: number, run: Calls["run"], service = "", story?: Story) {
    this.max = max
    this.run = run
    this.#service = service
    if (story) this.story = story
  }

  async act(act: Act): Promise<void> {
    if (act === "begins" || act === "throws") return this.#begin(act)
    const call = this.outstanding.shift()
    if (!call) return
    if (act === "answers") {
      this.story.tell("{0}의 답이 와요", "{0} is answered", call.name)
      call.answer()
    } else {
      this.story.tell("{0:이/가} 실패해요", "{0} fails", call.name)
      call.fail()
    }
    await this.story.clock.settle()
  }

  async #begin(act: "begins" | "throws"): Promise<void> {
    const { story, max, outstanding } = this
    const name = this.#name()
    const room = outstanding.length < max
    let made = false
    const call = () => {
      made = true
      if (act === "throws") throw new Error("no such host")
      return new Promise<string>((resolve, reject) => {
        outstanding.push({ name, answer: () => resolve("approved"), fail: () => reject(new Error("connection reset")) })
      })
    }
    const seen = watched(story, () => this.run(call))
    await story.clock.settle()
    const refused = seen.ending?.error instanceof TooManyCallsError
    if (made) {
      if (act === "throws") story.tell("{0:이/가} 시작하자마자 예외를 던져요", "{0} throws at once", name)
      else story.tell("{0:을/를} 시작해요 (진행 중 {1}건)", "{0} is made (outstanding: {1})", name, outstanding.length)
    } else if (refused) story.tell("{0:은/는} 거절돼요", "{0} is refused", name)
    if (made && !room) {
      throw story.failure(
        "WRONG",
        words("동시에 {0}건까지인데 {1:이/가} 또 나갔어요", "{0} may be outstanding at a time, and {1} is made as well", max, name),
      )
    }
    if (refused && room) {
      const headline = words(
        "{0:이/가} 거절됐는데, 진행 중인 호출은 {1}건이고 한도는 {2}건이에요",
        "{0} is refused, with {1} outstanding and a limit of {2}",
        ...[name, outstanding.length, max],
      )
      throw story.failure("STUCK", headline)
    }
    if (!made && !refused) this.#neither(name, seen.ending?.error)
  }

  #neither(name: Words, error: unknown): never {
    const { story } = this
    if (error === undefined) {
      throw story.failure("STUCK", words("{0:은/는} 거절되지도 나가지도 않고 기다려요", "{0} is neither made nor refused: it waits", name))
    }
    throw story.failure(
      "WRONG",
      words("{0:은/는} {1}로 끝나요. TooManyCallsError여야 해요", "{0} ends with {1}, not with TooManyCallsError", name, String(error)),
    )
  }

  #name(): Words {
    const count = ++this.#count
    const service = this.#service && ` ${code(this.#service)}`
    return { ko: `호출${service} ${count}`, en: `call${service} ${count}` }
  }
}

test("[3] as many calls as the limit allows are outstanding, and no more", async () => {
  const small = [1, 2, 3, 4, 5].flatMap((length) =>
    combinations<Act>(...Array.from({ length }, (): Act[] => ["begins", "answers", "fails", "throws"])).map((acts) => ({ acts, max: 2 })),
  )
  await explore({ small: [...[1, 3].map((max) => ({ max, acts: manyCalls(max) })), ...small] }, async ({ acts, max }) => {
    const limit = new Limit(max)
    const calls = new Calls(max, (call) => limit.run(call))
    for (const act of acts) await calls.act(act)
  })
})

/** One too many, then room for one, twice over. */
function manyCalls(max: number): Act[] {
  const full = Array.from({ length: max + 1 }, (): Act => "begins")
  return [...full, "answers", "begins", "begins", "fails", "begins", "begins"]
}

test("[3] the caller gets the call's answer, or its error", async () => {
  const story = new Story()
  const limit = new Limit(1)
  const error = new Error("connection reset")
  const answered = watched(story, () => limit.run(async () => "approved"))
  await story.clock.settle()
  const failed = watched(story, () => limit.run(async () => Promise.reject(error)))
  await story.clock.settle()
  if (answered.ending?.value !== "approved") {
    throw story.failure(
      "WRONG",
      words("답은 approved인데 호출한 쪽이 받은 것은 {0}", "the answer is approved, and the caller gets {0}", shown(answered)),
    )
  }
  if (failed.ending?.error !== error) {
    throw story.failure(
      "WRONG",
      words("오류는 {0}인데 호출한 쪽이 받은 것은 {1}", "the error is {0}, and the caller gets {1}", String(error), shown(failed)),
    )
  }
})

test("[4] a slow service does not use up the places of another", async () => {
  const bulkheads = new Bulkheads(2)
  const story = new Story()
  const kitchen = new Calls(2, (call) => bulkheads.run("kitchen", call), "kitchen", story)
  const card = new Calls(2, (call) => bulkheads.run("card", call), "card", story)
  for (let count = 0; count < 3; count++) await kitchen.act("begins")
  for (let count = 0; count < 3; count++) await card.act("begins")
  for (const act of ["answers", "begins", "begins", "fails", "begins"] as const) {
    await card.act(act)
    await kitchen.act(act)
  }
})
