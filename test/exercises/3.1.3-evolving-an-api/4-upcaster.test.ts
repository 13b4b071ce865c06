import { test } from "vitest"
import { startKitchen, upcast } from "#work/3.1.3-evolving-an-api/4-upcaster.ts"
import { failure } from "../support/anomaly.ts"
import { duplicated, unfinished } from "../support/checks.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { outcomeOf } from "../support/outcome.ts"
import { shown } from "../support/said.ts"
import { checkOrder, type Logged, LogRun, logged, named } from "./kitchens.ts"

const { first, second, third, fourth } = logged

test("[8] an event of every version says the same in the third", () => {
  for (const event of [third(7), second(7), first(7)]) checkOrder(upcast(event.version, structuredClone(event.body)), event)
})

test("[8] a version that is not there is refused", () => {
  for (const version of [4, 0]) {
    const { body } = fourth(7)
    const read = outcomeOf(() => upcast(version, structuredClone(body)))
    if ("thrown" in read) continue
    const headline = words("버전 {0}의 이벤트를 짐작으로 읽었어요", "an event of version {0} is read by guesswork", version)
    throw failure("PHANTOM", headline, [
      words("이벤트: {0}", "the event: {0}", shown(body)),
      words(
        "upcast({0}, …)은 예외를 던지지 않고 {1:을/를} 돌려줘요",
        "upcast({0}, …) does not throw and returns {1}",
        version,
        shown(read.value),
      ),
    ])
  }
})

test("[9] the kitchen cooks every order of the log that it can read, and what it cannot is a dead letter", async () => {
  const small: Logged[][] = [
    [third(1)],
    [first(1)],
    [fourth(1)],
    [second(1), fourth(2), third(3)],
    [first(1), second(2), third(3), fourth(4), first(5), third(6)],
  ]
  await explore({ small }, async (log) => {
    await using run = new LogRun(log)
    await run.write()
    run.start(startKitchen, "A")
    await run.works()
    const readable = log.filter(({ order }) => order).map(named)
    run.judge(guessed(run), duplicated(run.history), unfinished(run.history, readable, run.broker), run.forgotten())
  })
})

test("[9] a kitchen that crashes leaves its orders to the next", async () => {
  await everyCrash(async (crashAtEffect) => {
    const log = [first(1), third(2)]
    await using run = new LogRun(log)
    await run.write()
    const kitchen = run.start(startKitchen, "A", crashAtEffect)
    run.start(startKitchen, "B")
    await run.works()
    run.judge(unfinished(run.history, log.map(named), run.broker))
    return !kitchen.alive
  })
})

/** PHANTOM: an order that nobody here can read was cooked. */
function guessed(run: LogRun) {
  const unknown = run.log.filter(({ order }) => !order).map((event) => named(event).message)
  const until = run.history.of("begun").find((step) => step.message === undefined || unknown.includes(step.message))
  if (!until) return undefined
  const headline = words(
    "읽을 줄 모르는 {0:을/를} 짐작으로 요리해요",
    "{0}, which nobody here can read, is cooked by guesswork",
    code(until.message ?? "?"),
  )
  return { kind: "PHANTOM" as const, headline, until, ...(until.message && { messages: [until.message] }) }
}
