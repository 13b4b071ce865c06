import { setImmediate as turn } from "node:timers/promises"
import { isDeepStrictEqual } from "node:util"
import type { Hono } from "hono"
import { test, vi } from "vitest"
import { isRetry } from "#work/3.2.1-rest/2-idempotency-key.ts"
import { everyCrash } from "../support/explore.ts"
import type { Listening } from "../support/http.ts"
import { code, say, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import type { Process } from "../support/process.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"
import { type Answer, Conversation, orderService } from "./conversation.ts"
import { type Draft, Store } from "./store.ts"

const draft: Draft = { customerId: "customer-1", dishes: [{ dish: "bibimbap", quantity: 2 }] }
const other: Draft = { customerId: "customer-1", dishes: [{ dish: "bibimbap", quantity: 3 }] }
const totalWon = 18_000

/** The order service in a process of its own: with its connection to the file, and with nothing in its memory. */
interface Running {
  readonly process: Process
  readonly store: Store
  readonly work: typeof import("#work/3.2.1-rest/2-idempotency-key.ts")
}

/** A run of the order service: its file, and what is said to it. */
class Shop extends Station {
  readonly talk = new Conversation({ history: this.history, shownMax: 72 })
  readonly #locations: string[] = []

  constructor() {
    super({ name: (body) => ({ message: String(body) }) })
  }

  async start(): Promise<Running> {
    vi.resetModules()
    const process = this.process(orderService)
    const work = await import("#work/3.2.1-rest/2-idempotency-key.ts")
    return { process, store: new Store(process, this.history), work }
  }

  /** The service around placeOnce(): it has no part in what is kept. */
  serve({ process, store, work }: Running): Promise<Listening> {
    const app = this.talk.app()
    app.post("/orders", async (c) => {
      const { status, headers, body } = work.placeOnce(store, c.req.header("Idempotency-Key") ?? "", await c.req.json<Draft>(), totalWon)
      return Response.json(body, { status, headers })
    })
    return this.talk.serve(app, process)
  }

  async post(url: string, key: string | undefined, body: Draft, quiet = false): Promise<Answer | undefined> {
    const headers = key ? { "Idempotency-Key": key } : {}
    const answer = await this.talk.call(url, { method: "POST", path: "/orders", body, headers, quiet })
    if (answer?.status === 201) this.#locations.push(answer.headers.get("Location") ?? "")
    return answer
  }

  /** There must be so many orders, and those that were said to be there. */
  expectOrders(store: Store, count: number): void {
    const ids = store.orders().map((order) => order.id)
    const invented = this.#locations.find((location) => location.startsWith("/orders/") && !ids.includes(location.slice("/orders/".length)))
    if (invented !== undefined) {
      this.talk.anomaly("PHANTOM", words("201로 알려 준 {0:이/가} 없어요", "{0}, told with a 201, is not there", code(invented)))
    }
    if (ids.length > count) {
      const two = ids.slice(-2).map(code).join(", ")
      this.talk.anomaly("DUPLICATED", words("주문 하나가 두 건이 됐어요: {0}", "one order has become two: {0}", two))
    }
    if (ids.length < count) {
      const headline = words("서로 다른 주문 {0}건을 보냈는데 {1}건만 있어요", "of {0} different orders, {1} is there", count, ids.length)
      this.talk.anomaly("LOST", headline)
    }
  }

  /** A retry must get what the first attempt got. */
  expectSame(first: Answer | undefined, retry: Answer | undefined): void {
    const essence = (answer?: Answer) => [answer?.status, answer?.headers.get("Location"), answer?.body]
    if (isDeepStrictEqual(essence(first), essence(retry))) return
    this.talk.wrong(words("재시도의 응답이 첫 응답과 달라요", "the retry's answer is not that of the first attempt"))
  }
}

test("[4] a retry gets the same order, another key another one", async () => {
  await using shop = new Shop()
  const running = await shop.start()
  await using service = await shop.serve(running)
  const first = await shop.post(service.url, "key-1", draft)
  shop.talk.expectStatus(first, 201, "POST /orders")
  const retry = await shop.post(service.url, "key-1", draft)
  shop.expectOrders(running.store, 1)
  shop.expectSame(first, retry)
  const [order] = running.store.orders()
  if (first?.headers.get("Location") !== `/orders/${order?.id}` || !isDeepStrictEqual(first?.body, order)) {
    shop.talk.wrong(words("응답이 저장된 주문 {0:과/와} 달라요", "the answer is not the stored order {0}", code(JSON.stringify(order))))
  }
  shop.talk.expectStatus(await shop.post(service.url, "key-2", draft), 201, "POST /orders")
  shop.expectOrders(running.store, 2)
})

test("[4] a service that crashes anywhere makes one order all the same", async () => {
  await everyCrash(async (crashAtEffect) => {
    await using shop = new Shop()
    const first = await shop.start()
    {
      await using service = await shop.serve(first)
      first.process.crashAtEffect(crashAtEffect)
      const answer = await shop.post(service.url, "key-1", draft)
      if (answer) shop.talk.expectStatus(answer, 201, "POST /orders")
      if (first.process.alive) return false
    }
    const next = await shop.start()
    const saved = [...next.store.orders().map((order) => order.id), ...next.store.keys()].map(code).join(", ")
    shop.talk.tell(
      "주문 서비스가 다시 시작해요. 파일에 남은 것: {0}",
      "the order service is restarted; in its file: {0}",
      saved || words("없음", "nothing"),
    )
    await using service = await shop.serve(next)
    const answer = await shop.post(service.url, "key-1", draft)
    shop.expectOrders(next.store, 1)
    shop.talk.expectStatus(answer, 201, "POST /orders")
    return true
  })
})

test("[5] a retry is known by what it says", () => {
  const kept = { draft, answer: { status: 201, headers: {}, body: {} } }
  const reworded = { dishes: [{ quantity: 2, dish: "bibimbap" }], customerId: "customer-1" }
  const elsewhere = { ...draft, customerId: "customer-2" }
  const longer = { ...draft, dishes: [...draft.dishes, { dish: "kimbap", quantity: 1 }] }
  for (const { asked, expected } of [
    { asked: structuredClone(draft), expected: true },
    { asked: other, expected: false },
    { asked: elsewhere, expected: false },
    { asked: longer, expected: false },
    { asked: reworded, expected: true },
  ]) {
    const said = isRetry(kept, asked)
    if (said === expected) continue
    const headline = words(
      "isRetry()의 결과는 {0}. {1:을/를} 기대했어요",
      "isRetry() is {0}, and {1} was expected",
      String(said),
      String(expected),
    )
    throw new Wrong(headline, [
      words("전에 온 주문: {0}", "asked before: {0}", code(JSON.stringify(draft))),
      words("이번에 온 주문: {0}", "asked now: {0}", code(JSON.stringify(asked))),
    ])
  }
})

test("[5] a key that comes with another order is refused", async () => {
  isRetry({ draft, answer: { status: 201, headers: {}, body: {} } }, draft)
  await using shop = new Shop()
  const running = await shop.start()
  await using service = await shop.serve(running)
  const first = await shop.post(service.url, "key-1", draft)
  shop.talk.expectStatus(await shop.post(service.url, "key-1", other), 422, "POST /orders")
  shop.expectOrders(running.store, 1)
  shop.expectSame(first, await shop.post(service.url, "key-1", draft))
})

/** A menu service that answers when it is told to. */
class Menu {
  down = false
  asked = 0
  answer: Promise<unknown> = Promise.resolve()

  readonly total = async (): Promise<number> => {
    this.asked++
    await this.answer
    if (this.down) throw new Refusal(say({ ko: "메뉴 서비스가 답하지 않아요", en: "the menu service does not answer" }))
    return totalWon
  }
}

async function opened(shop: Shop): Promise<{ service: Listening; store: Store; menu: Menu; arrived: () => number }> {
  const { process, store, work } = await shop.start()
  const menu = new Menu()
  let arrived = 0
  const app: Hono = shop.talk.app()
  app.use(async (_, next) => {
    arrived++
    await next()
  })
  work.serveOrders(app, store, menu)
  return { service: await shop.talk.serve(app, process), store, menu, arrived: () => arrived }
}

test("[6] an order is placed at the menu's price", async () => {
  await using shop = new Shop()
  const { service, store } = await opened(shop)
  await using _ = service
  const answer = await shop.post(service.url, "key-1", draft)
  shop.talk.expectStatus(answer, 201, "POST /orders")
  shop.expectOrders(store, 1)
  const [order] = store.orders()
  if (order?.totalWon !== totalWon) {
    const told = words(
      "저장된 금액은 {0}원인데 메뉴 서비스의 답은 {1}원이에요",
      "{0} won were saved, and the menu's price is {1}",
      String(order?.totalWon),
      totalWon,
    )
    shop.talk.wrong(told)
  }
  if (answer?.headers.get("Location") !== `/orders/${order?.id}` || !isDeepStrictEqual(answer?.body, order))
    shop.talk.wrong(words("응답이 저장된 주문과 달라요", "the answer is not the order that is stored"))
  const retry = await shop.post(service.url, "key-1", draft)
  shop.expectOrders(store, 1)
  shop.expectSame(answer, retry)
})

test("[6] an order without a key is refused", async () => {
  await using shop = new Shop()
  const { service, store } = await opened(shop)
  await using _ = service
  shop.talk.expectStatus(await shop.post(service.url, undefined, draft), 400, "POST /orders")
  shop.expectOrders(store, 0)
})

test("[6] a failure is not kept: the retry starts anew", async () => {
  await using shop = new Shop()
  const { service, store, menu } = await opened(shop)
  await using _ = service
  menu.down = true
  shop.talk.tell("메뉴 서비스가 멈춰요", "the menu service goes down")
  shop.talk.expectStatus(await shop.post(service.url, "key-1", draft), 503, "POST /orders")
  shop.expectOrders(store, 0)
  menu.down = false
  shop.talk.tell("메뉴 서비스가 돌아와요", "the menu service is back")
  shop.talk.expectStatus(await shop.post(service.url, "key-1", draft), 201, "POST /orders")
  shop.expectOrders(store, 1)
})

test("[6] a retry that comes while the first attempt goes on makes no second order", async () => {
  await using shop = new Shop()
  const { service, store, menu, arrived } = await opened(shop)
  await using _ = service
  const menuAnswers = Promise.withResolvers<void>()
  menu.answer = menuAnswers.promise
  const first = shop.post(service.url, "key-1", draft, true)
  while (arrived() < 1) await turn()
  shop.talk.tell(
    "메뉴 서비스가 아직 답하지 않았는데 클라이언트가 재시도해요",
    "the menu service has not answered yet, and the client retries",
  )
  const retry = shop.post(service.url, "key-1", draft, true)
  while (arrived() < 2) await turn()
  for (let turns = 0; turns < 5; turns++) await turn()
  menuAnswers.resolve()
  const answers = await Promise.all([first, retry])
  shop.talk.tellAnswer(answers[0], { ko: "첫 시도의 ", en: " to the first attempt" })
  shop.talk.tellAnswer(answers[1], { ko: "재시도의 ", en: " to the retry" })
  shop.expectOrders(store, 1)
  const placed = answers.filter((answer) => answer?.status === 201)
  for (const answer of answers) if (answer?.status !== 409) shop.talk.expectStatus(answer, [201, 409], "POST /orders")
  if (placed.length === 2) shop.expectSame(placed[0], placed[1])
})
