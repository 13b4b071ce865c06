import { test } from "vitest"
import * as work from "#work/3.4.2-removing-synchronous-interaction/2-answer-at-once.ts"
import { everyCrash } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import { Story, watched } from "../support/story.ts"
import { hourMs } from "./order-service.ts"
import { type Placing, placing } from "./placing.ts"

const called: Readonly<Record<"consumer" | "kitchen" | "card", Words>> = {
  consumer: words("소비자 서비스", "the consumer service"),
  kitchen: words("주방 서비스", "the kitchen service"),
  card: words("카드 서비스", "the card service"),
}

/** `kitchenMs`: how long the kitchen takes to answer a call. */
function played(kitchenMs: number, options: Omit<Placing, "place"> = {}): Promise<boolean> {
  return placing({
    ...options,
    place: ({ process, database, outbox }, order, run) => {
      const validate = async (by: keyof typeof called) => {
        run.tell(words("{0:을/를} 불러요", "it calls {0}", called[by]))
        await process.sleep(by === "kitchen" ? kitchenMs : 50)
        return true
      }
      return work.placeOrder({ database, outbox, validate }, order)
    },
  })
}

test("[4] the client has its answer at once, and the order is stored and announced", async () => {
  await played(50)
})

test("[4] also while the kitchen is down, for an hour", async () => {
  await played(hourMs)
})

test("[4] an order is never stored without being announced, nor announced without being stored, wherever the process crashes", async () => {
  await everyCrash((crashAtEffect) => played(50, { crashAtEffect }))
})

test("[4] the same order, placed again, is the same order", async () => {
  for (const later of ["PENDING", "VALIDATED", "REJECTED"] as const) await played(50, { later })
})

/** The client asks, and the order is decided after so many seconds, or never. */
async function followed(status: work.Status, decidedAfterS: number, expected: work.Status, asks: number): Promise<void> {
  const story = new Story({ now: 0 })
  let asked = 0
  const askStatus = async (): Promise<work.Status> => {
    if (++asked > 33) return new Promise(() => {})
    const answer = story.now >= decidedAfterS * 1_000 ? status : "PENDING"
    // Half a minute of it is told by its beginning and its end.
    if (asked === 4) story.tell("손님이 계속 물어요 …", "the client goes on asking …")
    if (asked < 4 || asked > 29) story.tell("손님이 상태를 물어요: {0}", "the client asks for the status: {0}", answer)
    return answer
  }
  const seen = watched(story, () => work.follow(askStatus, story.clock))
  await story.clock.settle()
  await story.clock.advance(120_000)
  if (seen.ending && "error" in seen.ending && story.todo) throw story.todo
  const { ending } = seen
  if (asked > 33) throw story.failure("STUCK", words("33번을 묻고도 그만두지 않아요", "it does not stop asking, not even after 33 times"))
  if (!ending) throw story.failure("STUCK", words("2분이 지나도 손님에게 답이 없어요", "after two minutes the client has no answer"))
  if ("error" in ending) {
    // A mistake in the code has its own place to show.
    if (expected !== "PENDING" || (ending.error instanceof Error && ending.error.name !== "Error")) throw ending.error
    throw story.failure(
      "WRONG",
      words("PENDING은 오류가 아닌데 던졌어요: {0}", "PENDING is no error, and it threw: {0}", String(ending.error)),
    )
  }
  if (ending.value !== expected) {
    throw story.failure(
      "WRONG",
      words("{0:이/가} 맞는데 {1:을/를} 답했어요", "it should be {0}, and is {1}", code(expected), code(String(ending.value))),
    )
  }
  const endS = Math.min(decidedAfterS, 30)
  if (asked === asks && ending.at === endS * 1_000) return
  const headline = words(
    "{0}초 동안 {1}번 물어야 하는데 {2}초 동안 {3}번 물었어요",
    "it should ask {1} times in {0} s, and asked {3} times in {2} s",
    endS,
    asks,
    ending.at / 1_000,
    asked,
  )
  throw story.failure("WRONG", headline)
}

test("[5] the client asks once a second, until the order is decided", async () => {
  await followed("VALIDATED", 0, "VALIDATED", 1)
  await followed("VALIDATED", 1, "VALIDATED", 2)
  await followed("REJECTED", 3, "REJECTED", 4)
})

test("[5] and for no longer than half a minute", async () => {
  await followed("VALIDATED", 30, "VALIDATED", 31)
  await followed("VALIDATED", 3_600, "PENDING", 31)
})
