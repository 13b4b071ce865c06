import { test } from "vitest"
import * as work from "#work/3.4.2-removing-synchronous-interaction/4-never-answered.ts"
import type { Finding } from "../support/anomaly.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import { Crash } from "../support/process.ts"
import { shown } from "../support/said.ts"
import { type Service, type Status, services } from "./answers.ts"
import { channels, type Life, OrderServiceRun } from "./order-service.ts"
import { order, placing, rowOf, wrong } from "./placing.ts"

/** A timer of the process: it is silent when the process has crashed. */
function timerOf({ process }: Life): work.Timer {
  return (ms, callback) => {
    process.sleep(ms).then(() => {
      try {
        callback()
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
    })
  }
}

const deadlineMs = 15 * 60_000

const placed = (crashAtEffect?: number) =>
  placing({
    place: async (life, placed, run) => {
      // Whoever made it asynchronous is waited for.
      const done: unknown = work.placeOrder({ ...life, timer: timerOf(life) }, placed)
      await done
      return rowOf(run, placed.id)?.status ?? "PENDING"
    },
    crashAtEffect,
    inTheEnd: deadlineComes,
  })

/** A deadline comes when the time is over, and no sooner. */
async function deadlineComes(run: OrderServiceRun, placedAt: number): Promise<void> {
  const deadlines = run.world.broker.queue<work.Deadline>(channels.deadlines)
  const comes = async (afterMs: number) => {
    await run.passTo(placedAt + afterMs)
    const own = deadlines.receive({ max: 100 }).filter(({ body }) => body.orderId === order.id)
    if (own.length > 0) run.tell(words("기한 메시지가 와요", "a deadline comes"))
    return own.length > 0
  }
  if (await comes(deadlineMs - 5_000))
    wrong(run, words("15분이 되기 전에 기한이 왔어요", "the deadline has come before the 15 minutes are over"))
  if (await comes(deadlineMs + 5_000)) return
  run.tell(words("15분이 지나요", "15 minutes pass"))
  const headline = words("{0}의 기한 메시지가 오지 않아요", "no deadline of {0} comes", code(order.id))
  const note = words("답 하나가 오지 않으면 언제까지나 PENDING이에요", "if one answer never comes it is PENDING for ever")
  run.judge({ kind: "STUCK", headline, note })
}

test("[8] the order is taken as in task 4, and after 15 minutes its deadline comes", async () => {
  await placed()
})

test("[8] also when the process crashes, wherever that is", async () => {
  await everyCrash(placed)
})

interface Case {
  readonly status: Status
  readonly answered: readonly Service[]
  /** How often the deadline comes. */
  readonly times: number
  /** Who has answered about another order, which is `PENDING` and has time left. */
  readonly toAnother?: readonly Service[]
}

const another = "order-8"

async function play({ status, answered, times, toAnother = [] }: Case, crashAtEffect?: number): Promise<boolean> {
  await using run = new OrderServiceRun()
  isThere(run, order.id, status, answered)
  if (toAnother.length > 0) isThere(run, another, "PENDING", toAnother)
  const deadlines = run.world.broker.queue<work.Deadline>(channels.deadlines)
  for (let time = 0; time < times; time++) await run.until(deadlines.send({ orderId: order.id }))
  const crashed = await run.serve(
    (life) => {
      const service = { ...life, timer: timerOf(life) }
      life.broker.queue<work.Deadline>(channels.deadlines).consume(({ body }) => work.endWaiting(service, body))
    },
    () => words("{0}의 기한", "the deadline of {0}", code(order.id)),
    crashAtEffect,
  )
  run.judge(alsoEnded(run), wrongEnd(run, status, rowOf(run, order.id)?.status ?? "–"))
  const [event] = run.heard as work.OrderDecided[]
  const missing = services.filter((by) => !answered.includes(by))
  if (event && shown([...(event.missing ?? [])].sort()) !== shown([...missing].sort())) {
    wrong(
      run,
      words(
        "답하지 않은 곳은 {1}인데 이벤트에는 {0}",
        "missing should be {1}, and the event says {0}",
        shown(event.missing),
        shown(missing),
      ),
    )
  }
  return crashed
}

/** An order as it is before the deadline comes. */
function isThere(run: OrderServiceRun, id: string, status: Status, answered: readonly Service[]): void {
  run.reader.prepare("INSERT INTO orders (id, consumer_id, items, status) VALUES (?, 'consumer-1', '[]', ?)").run(id, status)
  const answers = run.reader.prepare("INSERT INTO validation VALUES (?, ?, 1)")
  for (const by of answered) answers.run(id, by)
  const who =
    answered.length > 0 ? words("답한 곳은 {0}", "answered by {0}", answered.join(", ")) : words("답한 곳은 없음", "answered by nobody")
  run.tell(words("{0:은/는} {1}, {2}", "{0} is {1}, {2}", code(id), status, who))
}

function alsoEnded(run: OrderServiceRun): Finding | undefined {
  const status = rowOf(run, another)?.status ?? "PENDING"
  if (status === "PENDING") return undefined
  return {
    kind: "PHANTOM",
    headline: words(
      "{0}의 기한인데 {1:이/가} {2:이/가} 됐어요",
      "the deadline was that of {0}, and {1} is {2}",
      code(order.id),
      code(another),
      status,
    ),
  }
}

function wrongEnd(run: OrderServiceRun, before: Status, after: string): Finding | undefined {
  const name = code(order.id)
  const expected = before === "PENDING" ? "REJECTED" : before
  const found = (kind: Finding["kind"], headline: Words): Finding => ({ kind, headline })
  if (after !== expected) {
    return after === "PENDING"
      ? found("STUCK", words("기한이 지났는데 {0:은/는} 아직 PENDING이에요", "the time is over, and {0} is still PENDING", name))
      : found(
          "DUPLICATED",
          words("{0:은/는} 이미 {1}인데 {2}로 바뀌었어요", "{0} was {1} already, and has become {2}", name, before, after),
        )
  }
  const events = (run.heard as work.OrderDecided[]).filter(({ type }) => type === "OrderDecided")
  if (before !== "PENDING") {
    return (
      events[0] &&
      found("PHANTOM", words("이미 {1}인 {0}의 결정을 또 알렸어요", "{0} was {1} already, and a decision was announced", name, before))
    )
  }
  if (events.length > 1)
    return found("DUPLICATED", words("{0}의 결정을 두 번 알렸어요", "what was decided about {0} was announced twice", name))
  const [event] = events
  if (!event)
    return found("LOST", words("{0:이/가} REJECTED가 됐는데 아무도 듣지 못했어요", "{0} is REJECTED, and nobody has heard of it", name))
  if (event.status === "REJECTED" && event.orderId === order.id) return undefined
  return found(
    "PHANTOM",
    words("{0:이/가} REJECTED가 됐는데 이벤트는 그렇게 말하지 않아요", "{0} is REJECTED, and the event does not say so", name),
  )
}

const answeredBy: readonly (readonly Service[])[] = [["consumer", "kitchen"], []]

test("[9] an order that is still open is rejected, and the others hear whose answer is missing", async () => {
  await explore(
    { small: answeredBy },
    async (answered) => void (await play({ status: "PENDING", answered, times: 1, toAnother: ["card"] })),
  )
})

test("[9] an order that is decided stays as it is", async () => {
  await play({ status: "VALIDATED", answered: services, times: 1 })
  await play({ status: "REJECTED", answered: ["card"], times: 2 })
})

test("[9] also when the deadline comes twice", async () => {
  await play({ status: "PENDING", answered: ["kitchen"], times: 2 })
})

test("[9] also when the process crashes, wherever that is", async () => {
  await everyCrash((effect) => play({ status: "PENDING", answered: ["kitchen"], times: 1 }, effect))
})
