import { test } from "vitest"
import { type Broker, BrokerError } from "#waystation"
import * as work from "#work/3.1.2-defining-an-api/2-both-sides.ts"
import type { Finding } from "../support/anomaly.ts"
import type { Step } from "../support/history.ts"
import { code, type Words, words } from "../support/language.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"

const orderService: Words = { ko: "주문 서비스", en: "the order service" }
const otherTeam: Words = { ko: "다른 팀의 클라이언트", en: "another team's client" }
const accounting: Words = { ko: "회계", en: "accounting" }
const otherService: Words = { ko: "다른 팀의 주문 서비스", en: "another team's order service" }

const items = [{ dish: "bibimbap", quantity: 2 }]
const good = { customerId: "customer-1", items }
const badRequests: unknown[] = [
  { items },
  { customerId: "customer-1", items: [{ dish: "bibimbap", quantity: "2" }] },
  { customerId: "customer-1", items: [] },
]
const goodReply = { orderId: "order-7", state: "PENDING" }
const badReplies: unknown[] = [{ orderId: "order-7" }, { orderId: "order-7", state: "COOKING" }, { orderId: 7, state: "PENDING" }]
const goodEvent = { orderId: "order-8", items }
const badEvents: unknown[] = [{ orderId: "order-7" }, { orderId: "order-7", items: [{ dish: "bibimbap", quantity: "2" }] }]

const json = (value: unknown) => code(JSON.stringify(value))

/** A run in which somebody breaks the contract: that the code under test throws for it is as it should be. */
class ContractRun extends Station {
  constructor() {
    super({ name: (body) => ({ message: JSON.stringify(body) ?? "undefined" }) })
  }

  override noteError(error: unknown): void {
    if (error instanceof Error && error.name === "Todo") super.noteError(error)
  }

  tell(ko: string, en: string, ...parts: readonly (string | number | Words)[]): Step {
    return this.history.add({ process: "", event: "told", words: words(ko, en, ...parts) })
  }

  /** No message went astray, but one is what it should not be. */
  wrong(headline: Words, { note, until }: { note?: Words; until?: Step } = {}): never {
    this.judge()
    const { steps } = this.history
    const told = steps.slice(0, until ? steps.indexOf(until) + 1 : steps.length).flatMap((step) => step.words ?? [])
    throw new Wrong(headline, told, note)
  }
}

/** How a promise ended, and after how long. */
interface Ending {
  value?: unknown
  error?: Error
  afterMs: number
}

async function ending(run: ContractRun, promise: Promise<unknown>): Promise<Ending | undefined> {
  const began = run.clock.now()
  let end: Ending | undefined
  promise.then(
    (value) => {
      end = { value, afterMs: run.clock.now() - began }
    },
    (error: Error) => {
      end = { error, afterMs: run.clock.now() - began }
    },
  )
  await run.reaches(() => end !== undefined, 60_000)
  if (end?.error?.name === "Todo") throw end.error
  return end
}

/** Clients and services of other teams open the channel without any schema. */
const unchecked = (broker: Broker) => broker.requestReply<unknown, unknown>("create-order")

test("[3] the order service answers what keeps the contract", async () => {
  await using run = new ContractRun()
  const service = run.process(orderService)
  work.serveOrders(service.broker, () => goodReply as work.Reply)
  run.tell("{0:이/가} {1:을/를} 요청해요", "{0} requests {1}", otherTeam, json(good))
  const end = await ending(run, unchecked(run.process(otherTeam).broker).request(good))
  if (end && JSON.stringify(end.value) === JSON.stringify(goodReply)) return
  const headline = words("계약을 지킨 요청에 답이 없어요", "a request that keeps the contract gets no answer")
  run.judge({ kind: "STUCK", headline, note: words("답은 {0:이어야/여야} 해요", "the answer should be {0}", json(goodReply)) })
})

test("[3] the order service never works on a request that breaks the contract", async () => {
  for (const bad of badRequests) {
    await using run = new ContractRun()
    const service = run.process(orderService)
    let until: Step | undefined
    work.serveOrders(service.broker, (request) => {
      until ??= run.tell("{0:이/가} {1:을/를} 처리해요", "{0} works on {1}", orderService, json(request))
      return goodReply as work.Reply
    })
    run.tell("{0:이/가} 검사 없이 {1:을/를} 요청해요", "{0} checks nothing and requests {1}", otherTeam, json(bad))
    await ending(run, unchecked(run.process(otherTeam).broker).request(bad, { timeoutMs: 20_000 }))
    const headline = words(
      "`create`가 계약에 어긋나는 요청을 받았어요: {0}",
      "`create` gets a request that breaks the contract: {0}",
      json(bad),
    )
    const note = words("보내는 쪽이 검사했다고 믿으면 안 돼요", "do not rely on the sender's check")
    if (until) run.wrong(headline, { note, until })
  }
})

test("[3] the order service never sends a reply that breaks the contract", async () => {
  for (const bad of badReplies) {
    await using run = new ContractRun()
    const service = run.process(orderService)
    work.serveOrders(service.broker, () => bad as work.Reply)
    run.tell("`create`가 {0:을/를} 돌려줘요", "`create` returns {0}", json(bad))
    const end = await ending(run, unchecked(run.process(otherTeam).broker).request(good, { timeoutMs: 20_000 }))
    if (!end || end.error) continue
    run.tell("{0:이/가} {1:을/를} 받아요", "{0} gets {1}", otherTeam, json(end.value))
    const headline = words("계약에 어긋나는 답이 나가요: {0}", "a reply goes out that breaks the contract: {0}", json(bad))
    run.wrong(headline)
  }
})

test("[4] the client gets the reply", async () => {
  await using run = new ContractRun()
  unchecked(run.process(otherService).broker).respond(() => goodReply)
  const end = await ending(run, work.createOrder(run.process(otherTeam).broker, good))
  if (end && JSON.stringify(end.value) === JSON.stringify(goodReply)) return
  run.tell("{0:을/를} 요청해요", "the request is {0}", json(good))
  run.tell("주문 서비스의 답은 {0:이에요/예요}", "the order service answers {0}", json(goodReply))
  if (end?.error) throw end.error
  run.judge({ kind: "LOST", headline: words("createOrder()가 답을 돌려주지 않아요", "createOrder() does not return the reply") })
})

test("[4] the client refuses its own mistake at once, and sends nothing", async () => {
  for (const bad of badRequests) {
    await using run = new ContractRun()
    let until: Step | undefined
    unchecked(run.process(otherService).broker).respond(({ body }) => {
      until ??= run.tell("주문 서비스가 {0:을/를} 받아요", "the order service gets {0}", json(body))
      return goodReply
    })
    run.tell("createOrder()로 {0:을/를} 요청해요", "createOrder() is called with {0}", json(bad))
    const end = await ending(run, work.createOrder(run.process(otherTeam).broker, bad as work.CreateOrder))
    await run.clock.advance(1_000)
    const headline = words("계약에 어긋나는 요청이 나가요: {0}", "a request goes out that breaks the contract: {0}", json(bad))
    if (until) run.wrong(headline, { until })
    if (end?.error && end.afterMs < 1_000) continue
    const late = words("createOrder()가 곧바로 거부하지 않아요", "createOrder() does not reject at once")
    run.judge({ kind: "STUCK", headline: late })
  }
})

test("[4] the client rejects a reply that breaks the contract", async () => {
  for (const bad of badReplies) {
    await using run = new ContractRun()
    unchecked(run.process(otherService).broker).respond(() => bad)
    run.tell("createOrder()로 {0:을/를} 요청해요", "createOrder() is called with {0}", json(good))
    run.tell("검사하지 않는 주문 서비스의 답은 {0:이에요/예요}", "an order service that checks nothing answers {0}", json(bad))
    const end = await ending(run, work.createOrder(run.process(otherTeam).broker, good))
    if (end?.error) continue
    const headline = words(
      "createOrder()가 `Reply`가 아닌 것을 돌려줘요: {0}",
      "createOrder() returns what is no `Reply`: {0}",
      json(end?.value),
    )
    run.wrong(headline)
  }
})

test("[5] a valid event comes to the handler", async () => {
  await using run = new ContractRun()
  const heard: unknown[] = []
  work.onCreated(run.process({ ko: "주방", en: "the kitchen" }).broker, "kitchen", (event) => void heard.push(event))
  const end = await ending(run, work.publishCreated(run.process(orderService).broker, goodEvent))
  if (end?.error) throw end.error
  await run.reaches(() => heard.length > 0, 5_000)
  await run.clock.advance(1_000)
  if (JSON.stringify(heard) === JSON.stringify([goodEvent])) return
  run.tell("publishCreated()로 {0:을/를} 발행해요", "publishCreated() is called with {0}", json(goodEvent))
  const headline = words("핸들러가 받은 것은 {0:이에요/예요}", "what the handler gets: {0}", json(heard))
  run.judge({ kind: heard.length > 1 ? "DUPLICATED" : "LOST", headline })
})

test("[5] an event that breaks the contract is not published", async () => {
  for (const bad of badEvents) {
    await using run = new ContractRun()
    const { broker } = run.process(accounting)
    let until: Step | undefined
    broker.topic<unknown>("orders-created").subscribe("accounting", ({ body }) => {
      until ??= run.tell("구독한 {0:이/가} {1:을/를} 받아요", "{0}, which has subscribed, gets {1}", accounting, json(body))
    })
    run.tell("publishCreated()로 {0:을/를} 발행해요", "publishCreated() is called with {0}", json(bad))
    const end = await ending(run, work.publishCreated(run.process(orderService).broker, bad as work.OrderCreated))
    await run.clock.advance(1_000)
    const headline = words("계약에 어긋나는 이벤트가 발행돼요: {0}", "an event is published that breaks the contract: {0}", json(bad))
    if (until) run.wrong(headline, { until })
    if (end?.error) continue
    run.judge({
      kind: "LOST",
      headline: words("publishCreated()가 발행하지 않고도 이행돼요", "publishCreated() is fulfilled, and nothing was published"),
    })
  }
})

test("[5] an event that breaks the contract becomes a dead letter, and the next one is handled", async () => {
  for (const bad of badEvents) {
    await using run = new ContractRun()
    const { broker } = run.process({ ko: "주방", en: "the kitchen" })
    const heard: string[] = []
    work.onCreated(broker, "kitchen", (event) => {
      run.tell("핸들러가 {0:을/를} 받아요", "the handler gets {0}", json(event))
      heard.push(JSON.stringify(event))
    })
    const topic = run.process(otherService).broker.topic<unknown>("orders-created")
    for (const event of [bad, goodEvent]) {
      run.tell("{0:이/가} 검사 없이 {1:을/를} 발행해요", "{0} checks nothing and publishes {1}", otherService, json(event))
      await topic.publish(event)
    }
    await run.reaches(() => heard.includes(JSON.stringify(goodEvent)), 60_000)
    await run.clock.advance(300_000)
    run.judge(dropped(run, broker, heard, bad))
  }
})

function dropped(run: ContractRun, broker: Broker, heard: readonly string[], bad: unknown): Finding | undefined {
  if (heard.includes(JSON.stringify(bad))) {
    const headline = words(
      "핸들러가 `OrderCreated`가 아닌 것을 받았어요: {0}",
      "the handler gets what is no `OrderCreated`: {0}",
      json(bad),
    )
    run.wrong(headline)
  }
  if (!heard.includes(JSON.stringify(goodEvent))) {
    return { kind: "LOST", headline: words("그다음 이벤트를 처리하지 않아요: {0}", "the next event is not handled: {0}", json(goodEvent)) }
  }
  if (deadLetters(run, broker).some(({ body }) => JSON.stringify(body) === JSON.stringify(bad))) return undefined
  const headline = words(
    "계약에 어긋나는 이벤트가 흔적도 없이 사라졌어요: {0}",
    "the event that broke the contract is gone without a trace: {0}",
    json(bad),
  )
  const note = words(
    "데드 레터(dead letter)가 되어야 나중에 누군가 볼 수 있어요",
    "it should be a dead letter, so that somebody can look at it",
  )
  return { kind: "LOST", headline, note }
}

function deadLetters(run: ContractRun, broker: Broker) {
  try {
    return broker.topic<unknown>("orders-created").deadLetters("kitchen").list()
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    const headline = words("onCreated()가 구독 `kitchen`으로 듣지 않아요", "onCreated() does not listen through the subscription `kitchen`")
    run.wrong(headline, { note: words("브로커의 오류: {0}", "the broker says: {0}", error.message) })
  }
}
