import { test } from "vitest"
import type { Broker } from "#waystation"
import * as work from "#work/3.3.2-interaction-styles-over-messages/1-request-reply.ts"
import type { Finding } from "../support/anomaly.ts"
import { everyCrash } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Crash, type Process } from "../support/process.ts"
import { Station } from "../support/station.ts"
import { shown, watched } from "../support/story.ts"
import { tell, tellDeliveries } from "./telling.ts"

const cents: Readonly<Record<string, number>> = { tea: 300, pizza: 1_590, soup: 800 }
const kitchen: Words = { ko: "주방", en: "the kitchen" }
const orderService: Words = { ko: "주문 서비스", en: "the order service" }

const naming = { name: (body: unknown) => ({ message: (body as { item?: string }).item ?? "" }) }

/** Asks through the queues, as the learner's client would. */
async function question(run: Station, broker: Broker, item: string, replyTo?: string): Promise<string> {
  const headers: Record<string, string> = replyTo === undefined ? {} : { "reply-to": replyTo }
  const id = await run.until(broker.queue("price-questions").send({ item }, { id: `question-${item}`, headers }))
  tell(
    run,
    words("{0:이/가} {1}의 값을 물어요. 아이디는 {2}", "{0} asks for the price of {1}, under the id {2}", orderService, item, code(id)),
  )
  return id
}

/** What has come to a queue of replies. */
function repliesIn(broker: Broker, queue: string): { cents: number; to: string }[] {
  return broker
    .queue<work.Price>(queue)
    .receive({ max: 100 })
    .map((delivery) => {
      delivery.ack()
      return { cents: delivery.body.cents, to: delivery.headers["correlation-id"] ?? "–" }
    })
}

function expectReplies(run: Station, got: readonly { cents: number; to: string }[], expected: Readonly<Record<string, number>>): void {
  for (const reply of got)
    tell(
      run,
      words("답이 와 있어요: {0}원, correlation-id는 {1}", "there is a reply: {0}, its correlation-id is {1}", reply.cents, code(reply.to)),
    )
  const missing = Object.keys(expected).find((id) => !got.some((reply) => reply.to === id && reply.cents === expected[id]))
  const strange = got.find((reply) => expected[reply.to] !== reply.cents)
  const lost: Finding | undefined =
    missing === undefined
      ? undefined
      : { kind: "LOST", headline: words("{0}에 대한 답이 없어요", "there is no reply to {0}", code(missing)) }
  const phantom: Finding | undefined = strange && {
    kind: "PHANTOM",
    headline: words("아무도 묻지 않은 답이 왔어요", "there is a reply to nothing that was asked"),
  }
  run.judge(phantom, lost)
}

async function playAnswers(items: readonly string[], crashAtEffect?: number, refused: readonly string[] = []): Promise<boolean> {
  await using run = new Station(naming, { leaseMs: 1_000 })
  const asker = run.process(orderService)
  const ids: Record<string, number> = {}
  for (const item of items) ids[await question(run, asker.broker, item, "replies-1")] = cents[item] ?? 0
  const unwilling = new Set(refused)
  const start = (process: Process) => {
    tellDeliveries(run, process, { ko: "질문", en: "the question" })
    return work.answerPrices(process.broker, async (item) => {
      try {
        await process.sleep(10)
        process.effect()
      } catch (error) {
        if (error instanceof Crash) await new Promise(() => {})
      }
      if (!unwilling.delete(item)) return cents[item] ?? 0
      tell(run, words("{0:은/는} {1}의 값을 지금 말하지 못해요", "{0} cannot tell the price of {1} now", kitchen, item))
      throw new Refusal(`The kitchen cannot tell the price of ${item} now.`)
    })
  }
  const first = run.process(kitchen)
  if (crashAtEffect !== undefined) first.crashAtEffect(crashAtEffect)
  first.run(() => void start(first))
  const answered = () => asker.broker.inspect().queues.find(({ name }) => name === "price-questions")
  const done = () => (answered()?.ready ?? 0) + (answered()?.inFlight ?? 0) + (answered()?.delayed ?? 0) === 0
  await run.reaches(() => !first.alive || done())
  if (!first.alive) {
    const gone = words("{0:이/가} 다시 시작해요. 질문은 이미 지워졌어요", "{0} is started again, and the question is gone already", kitchen)
    tell(run, done() ? gone : words("{0:이/가} 다시 시작해요", "{0} is started again", kitchen))
    start(run.process(kitchen))
  }
  await run.reaches(done)
  await run.clock.advance(1_000)
  expectReplies(run, repliesIn(asker.broker, "replies-1"), ids)
  return !first.alive
}

test("[1] every question gets a reply, in the queue that it names, with the question's id", async () => {
  await playAnswers(["tea"])
  await playAnswers(["tea", "pizza", "soup"])
})

test("[1] also when the kitchen cannot tell the price at the first attempt", async () => {
  await playAnswers(["tea"], undefined, ["tea"])
})

test("[1] a question without an address gets no reply, and does not come again", async () => {
  await using run = new Station(naming, { leaseMs: 1_000 })
  const process = run.process(kitchen)
  work.answerPrices(process.broker, async (item) => cents[item] ?? 0)
  const id = await question(run, run.process(orderService).broker, "tea")
  const waiting = () => process.broker.inspect().queues.find(({ name }) => name === "price-questions")
  await run.clock.advance(20_000)
  const { ready = 0, delayed = 0, inFlight = 0, dead = 0 } = waiting() ?? {}
  const headline = words("주소 없는 질문 {0}이 처리되지 않고 남아 있어요", "the question {0} without an address is still there", code(id))
  run.judge(ready + delayed + inFlight + dead > 0 ? { kind: "STUCK", headline } : undefined)
})

test("[1] also when the kitchen crashes, wherever that is", async () => {
  await everyCrash((effect) => playAnswers(["tea"], effect))
})

/** Takes every question, and lets the test answer it when and as often as it likes. */
class Answering {
  readonly questions: { id: string; item: string; replyTo: string }[] = []
  readonly run: Station
  readonly #broker: Broker

  constructor(run: Station) {
    this.run = run
    this.#broker = run.process(kitchen).broker
    this.#broker.queue<work.Question>("price-questions").consume(({ id, body, headers }) => {
      this.questions.push({ id, item: body.item, replyTo: headers["reply-to"] ?? "" })
    })
  }

  client(replies: string): work.PriceClient {
    const { broker } = this.run.process(orderService)
    return new work.PriceClient(broker, replies, (ms, callback) => this.run.clock.setTimer(ms, callback))
  }

  /** Asks, and waits until the question has come. */
  async asked(client: work.PriceClient, item: string, timeoutMs = 10_000) {
    tell(
      this.run,
      words(
        "{0:이/가} {1}의 값을 물어요. {2} ms까지 기다려요",
        "{0} asks for the price of {1}, and waits for {2} ms",
        orderService,
        item,
        timeoutMs,
      ),
    )
    const before = this.questions.length
    const answer = watched(this.run, () => client.ask(item, timeoutMs))
    await this.run.reaches(() => this.questions.length > before || answer.ending !== undefined, 5_000)
    const { error } = answer.ending ?? {}
    // A mistake in the code has its own place to show; time that is over is a plain `Error`.
    if (error instanceof Error && error.name !== "Error") throw error
    const headline = words("`price-questions` 큐에 질문이 오지 않았어요", "no question came to the queue `price-questions`")
    this.run.judge(this.questions.length > before ? undefined : { kind: "LOST", headline })
    return answer
  }

  async replies(item: string, price = cents[item] ?? 0): Promise<void> {
    const asked = this.questions.find((one) => one.item === item)
    if (!asked) throw new Error(`Nobody asked for ${item}.`)
    tell(this.run, words("{0:이/가} {1}의 값을 답해요: {2}원", "{0} replies with the price of {1}: {2}", kitchen, item, price))
    const headers = { "correlation-id": asked.id }
    await this.run.until(this.#broker.queue(asked.replyTo).send({ cents: price }, { headers }))
    await this.run.clock.advance(200)
  }

  expectPrice(item: string, answer: Awaited<ReturnType<Answering["asked"]>>): void {
    const expected = cents[item] ?? 0
    const { ending } = answer
    if (ending?.value?.cents === expected) return
    const what = !ending
      ? words("아직 기다려요", "still waits")
      : "error" in ending
        ? words("거부됐어요: {0}", "was rejected: {0}", shown(answer))
        : words("{0}원을 받았어요", "got {0}", String(ending.value?.cents))
    const headline = words("{0}의 값 {1}원을 물은 쪽이 {2}", "who asked for {0}, which is {1}, {2}", item, expected, what)
    this.run.judge({ kind: ending && "value" in ending ? "PHANTOM" : "LOST", headline })
  }
}

test("[2] a reply goes to the question that it belongs to", async () => {
  for (const order of [["tea"], ["tea", "pizza"], ["pizza", "tea"], ["soup", "pizza", "tea"]]) {
    await using run = new Station(naming, { leaseMs: 1_000 })
    const answering = new Answering(run)
    const client = answering.client("replies-1")
    const answers = new Map<string, Awaited<ReturnType<Answering["asked"]>>>()
    for (const item of ["tea", "pizza", "soup"].slice(0, order.length)) answers.set(item, await answering.asked(client, item))
    for (const item of order) await answering.replies(item)
    for (const [item, answer] of answers) answering.expectPrice(item, answer)
  }
})

test("[2] two services that ask get the replies to their own questions", async () => {
  await using run = new Station(naming, { leaseMs: 1_000 })
  const answering = new Answering(run)
  const [one, two] = [answering.client("replies-1"), answering.client("replies-2")]
  const [tea, pizza] = [await answering.asked(one, "tea"), await answering.asked(two, "pizza")]
  await answering.replies("pizza")
  await answering.replies("tea")
  answering.expectPrice("tea", tea)
  answering.expectPrice("pizza", pizza)
})

test("[3] without a reply, ask is rejected when its time is over", async () => {
  await using run = new Station(naming, { leaseMs: 1_000 })
  const answering = new Answering(run)
  const began = run.history.now
  const tea = await answering.asked(answering.client("replies-1"), "tea", 3_000)
  await run.reaches(() => tea.ending !== undefined, 10_000)
  const { ending } = tea
  const rejected = ending !== undefined && "error" in ending
  const afterMs = (ending?.at ?? 0) - began
  const what = rejected ? words("거부됐어요: {0}", "was rejected: {0}", shown(tea)) : words("이행됐어요", "was fulfilled")
  const headline = ending
    ? words("{0} ms 뒤에 {1}", "after {0} ms it {1}", afterMs, what)
    : words("3,000 ms가 지나도 기다려요", "it still waits after 3,000 ms")
  run.judge(rejected && Math.abs(afterMs - 3_000) < 50 ? undefined : { kind: "STUCK", headline })
})

test("[3] a late reply goes to nobody, and the others still get theirs", async () => {
  await using run = new Station(naming, { leaseMs: 1_000 })
  const answering = new Answering(run)
  const client = answering.client("replies-1")
  const tea = await answering.asked(client, "tea", 1_000)
  const pizza = await answering.asked(client, "pizza", 30_000)
  await run.reaches(() => tea.ending !== undefined, 5_000)
  const soup = await answering.asked(client, "soup", 30_000)
  await answering.replies("tea")
  await answering.replies("pizza")
  await answering.replies("soup")
  answering.expectPrice("pizza", pizza)
  answering.expectPrice("soup", soup)
  nothingLeft(run)
})

test("[3] a reply that comes twice is taken once", async () => {
  await using run = new Station(naming, { leaseMs: 1_000 })
  const answering = new Answering(run)
  const client = answering.client("replies-1")
  const tea = await answering.asked(client, "tea", 10_000)
  await answering.replies("tea")
  await answering.replies("tea")
  const pizza = await answering.asked(client, "pizza", 10_000)
  await answering.replies("tea")
  await answering.replies("pizza")
  answering.expectPrice("tea", tea)
  answering.expectPrice("pizza", pizza)
  nothingLeft(run)
})

/** What nobody takes out of the queue of replies stays there for good. */
function nothingLeft(run: Station): void {
  const replies = run
    .process({ ko: "", en: "" })
    .broker.inspect()
    .queues.find(({ name }) => name === "replies-1")
  const left = replies ? replies.ready + replies.delayed + replies.inFlight + replies.dead : 0
  const headline = words("`replies-1` 큐에 답 {0}개가 남아 있어요", "{0} replies are left in the queue `replies-1`", left)
  run.judge(left > 0 ? { kind: "STUCK", headline } : undefined)
}
