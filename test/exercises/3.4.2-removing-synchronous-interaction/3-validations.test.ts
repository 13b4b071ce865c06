import { test } from "vitest"
import * as work from "#work/3.4.2-removing-synchronous-interaction/3-validations.ts"
import { type Finding, failure } from "../support/anomaly.ts"
import { pick, shuffled } from "../support/chance.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { type Answer, decision, no, type Status, saidAnswer, services, wrongStatus, yes } from "./answers.ts"
import { OrderServiceRun } from "./order-service.ts"

const allYes = [yes("consumer"), yes("kitchen"), yes("card")]

/** Short ones first. After the decision a service may change its mind; before it, none does. */
const schedules: readonly Answer[][] = [
  [],
  [yes("kitchen")],
  [no("kitchen")],
  [yes("consumer"), yes("kitchen")],
  [yes("kitchen"), no("card")],
  [no("card"), yes("kitchen")],
  allYes,
  [yes("card"), yes("kitchen"), yes("consumer")],
  [yes("kitchen"), yes("kitchen"), yes("kitchen")],
  [yes("consumer"), yes("kitchen"), yes("kitchen")],
  [no("card"), yes("kitchen"), yes("consumer")],
  [no("card"), no("card"), yes("kitchen")],
  [...allYes, yes("kitchen")],
  [...allYes, no("kitchen")],
  [no("kitchen"), yes("consumer"), yes("card"), yes("kitchen")],
]

/** What each service says, twice and in any order; and what some say once it is decided. */
function chance(random: () => number): Answer[] {
  const said = services.map((by) => (random() < 0.7 ? yes(by) : no(by)))
  const answers = shuffled(random, [...said, ...said])
  const late = [1, 2].map(() => (random() < 0.5 ? yes(pick(random, services)) : no(pick(random, services))))
  return [...answers, ...late]
}

const random = { count: 100, make: chance }

test("[6] an order is VALIDATED when all three have said yes, and REJECTED with the first no", async () => {
  await explore({ small: schedules, random }, async (answers) => {
    const status = work.decide(answers)
    const finding = wrongStatus("order-7", answers, status)
    if (!finding) return
    const steps = answers.map((answer) => words("{0:이/가} 와요", "{0} comes", saidAnswer(answer)))
    throw failure(finding.kind, finding.headline, [...steps, words("decide()의 답: {0}", "decide() says {0}", String(status))])
  })
})

interface Options {
  readonly crashAtEffect?: number
  /** What the order is already, when the answers come. */
  readonly before?: Status
  /** The answers that have come and are stored. */
  readonly kept?: readonly Answer[]
}

/** The answers come through a queue; each order is as they make it, and whoever listens has heard of it once. */
async function play(coming: readonly Answer[], { crashAtEffect, before = "PENDING", kept = [] }: Options = {}): Promise<boolean> {
  const answers = [...kept, ...coming]
  await using run = new OrderServiceRun()
  const insert = run.reader.prepare("INSERT INTO orders (id, consumer_id, items, status) VALUES (?, 'consumer-1', '[]', ?)")
  const orders = [...new Set(["order-7", ...answers.map(({ orderId }) => orderId)])]
  for (const id of orders) insert.run(id, before)
  if (before !== "PENDING")
    run.tell(words("{0:은/는} 기한이 지나 {1:이/가} 됐어요", "{0} has become {1}, when its time was over", code("order-7"), before))
  const keep = run.reader.prepare("INSERT INTO validation VALUES (?, ?, ?)")
  for (const answer of kept) {
    keep.run(answer.orderId, answer.by, Number(answer.passed))
    run.tell(words("{0:이/가} 와 있어요", "{0} has come", saidAnswer(answer)))
  }
  const validations = run.world.broker.queue<Answer>("order-validations")
  for (const [index, answer] of coming.entries()) await run.until(validations.send(answer, { id: String(index) }))
  const crashed = await run.serve(
    ({ broker, database, outbox }) => {
      const service = { database, outbox }
      broker.queue<work.Validation>("order-validations").consume(({ body }) => work.recordValidation(service, body))
    },
    (id) => coming[Number(id)] && saidAnswer(coming[Number(id)] as Answer),
    crashAtEffect,
  )
  const answersTo = (id: string) => answers.filter(({ orderId }) => orderId === id)
  const statusOf = (id: string) =>
    run.reader.prepare<[string], { status: string }>("SELECT status FROM orders WHERE id = ?").get(id)?.status
  // A wrong status of one order says more than what else is wrong because of it.
  run.judge(
    ...orders.map((id) => wrongStatus(id, answersTo(id), statusOf(id) ?? "–", before)),
    ...orders.map((id) => (before === "PENDING" ? forgotten(run, answersTo(id)) : undefined)),
    ...orders.map((id) => wrongEvents(run, id, before === "PENDING" ? decision(answersTo(id)).status : "PENDING")),
  )
  return crashed
}

/** The answers until the decision are kept: who has answered may be asked later. */
function forgotten(run: OrderServiceRun, answers: readonly Answer[]): Finding | undefined {
  const find = run.reader.prepare("SELECT 1 FROM validation WHERE order_id = ? AND answered_by = ? AND passed = ?")
  const lost = answers.slice(0, decision(answers).at + 1).find(({ orderId, by, passed }) => !find.get(orderId, by, Number(passed)))
  return lost && { kind: "LOST", headline: words("{0:이/가} validation에 없어요", "{0} is not in validation", saidAnswer(lost)) }
}

/** `status`: what is to be announced, once; nothing if that is PENDING. */
function wrongEvents(run: OrderServiceRun, orderId: string, status: Status): Finding | undefined {
  const events = (run.heard as work.OrderDecided[]).filter((event) => event.type === "OrderDecided" && event.orderId === orderId)
  const order = code(orderId)
  const strange = events.find((event) => event.status === "PENDING" || event.status !== status)
  if (strange) {
    const headline = words(
      "{0:이/가} {1:이/가} 됐다고 알렸는데 그런 일은 없었어요",
      "{0} was announced as {1}, and that did not happen",
      order,
      strange.status,
    )
    return { kind: "PHANTOM", headline }
  }
  if (events.length > 1)
    return { kind: "DUPLICATED", headline: words("{0}의 결정을 두 번 알렸어요", "what was decided about {0} was announced twice", order) }
  if (events.length === 1 || status === "PENDING") return undefined
  const headline = words("{0:이/가} {1:이/가} 됐는데 아무도 듣지 못했어요", "{0} is {1}, and nobody has heard of it", order, status)
  return { kind: "LOST", headline }
}

test("[7] each answer is kept, and the decision is announced once", async () => {
  const [consumer, kitchen, card] = [yes("consumer"), yes("kitchen"), yes("card")]
  const small = [
    [no("card")],
    [consumer, kitchen, kitchen],
    [card, kitchen, consumer],
    [no("card"), kitchen, consumer],
    [...allYes, no("kitchen")],
  ]
  await explore({ small }, async (answers) => void (await play(answers)))
})

test("[7] the answers of one order do not decide another", async () => {
  await play([yes("consumer", 7), yes("kitchen", 8), yes("card", 8), no("consumer", 8), yes("kitchen", 7), yes("card", 7)])
})

test("[7] answers that come when the order has been decided without them change nothing", async () => {
  await play(allYes, { before: "REJECTED" })
})

test("[7] also when the order service crashes, wherever that is", async () => {
  await everyCrash((crashAtEffect) => play([yes("card")], { crashAtEffect, kept: [yes("consumer"), yes("kitchen")] }))
})
