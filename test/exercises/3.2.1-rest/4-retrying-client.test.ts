import { Hono } from "hono"
import { test } from "vitest"
import { placeOrder } from "#work/3.2.1-rest/4-retrying-client.ts"
import { type Listening, listening } from "../support/http.ts"
import { code, words } from "../support/language.ts"
import { Conversation } from "./conversation.ts"
import type { Draft } from "./store.ts"

const draft: Draft = { customerId: "customer-1", dishes: [{ dish: "bibimbap", quantity: 2 }] }

/** What becomes of an attempt: the service is not reached, or does its work and the answer is lost, or answers. */
type Fate = "unreached" | "answer lost" | "served" | 422 | 503

/** An order service that knows its keys, behind a network that does not always. */
class Service {
  readonly talk = new Conversation()
  readonly orders: { id: string; key: string }[] = []
  attempts = 0
  readonly #fates: Fate[]

  constructor(fates: readonly Fate[]) {
    this.#fates = [...fates]
  }

  open(): Promise<Listening> {
    const app = new Hono().post("/orders", async (c) => {
      const key = c.req.header("Idempotency-Key")
      const sent = await c.req.json<Draft>().catch(() => undefined)
      if (!key || sent?.customerId !== draft.customerId || sent.dishes[0]?.quantity !== 2)
        return c.json({ title: "key or order missing" }, 400)
      const order = this.orders.find((kept) => kept.key === key) ?? { id: `order-${this.orders.length + 1}`, key }
      if (!this.orders.includes(order)) this.orders.push(order)
      return c.json(order, 201, { Location: `/orders/${order.id}` })
    })
    return listening(async (request, { outgoing }) => {
      this.attempts++
      const fate = this.#fates.shift() ?? "served"
      const key = request.headers.get("Idempotency-Key")
      this.talk.tell(
        "{0}번째 시도가 와요 ({1})",
        "attempt {0} comes ({1})",
        this.attempts,
        key ? this.#named(key) : words("키 없음", "no key"),
      )
      if (typeof fate === "number") return this.#answered(Response.json({}, { status: fate }))
      if (fate === "served") return this.#answered(await app.fetch(request))
      if (fate === "answer lost") {
        const { status } = await app.fetch(request)
        this.talk.tell(
          "주문 서비스가 처리하고 {0:으로/로} 답하지만, 응답이 사라져요",
          "the order service answers {0}, and the answer is lost",
          status,
        )
      } else this.talk.tell("주문 서비스에 닿기 전에 연결이 끊겨요", "the connection breaks before the order service is reached")
      outgoing.destroy()
      return new Response()
    })
  }

  readonly #keys: string[] = []

  /** Keys are chance: the words call them by their turn. */
  #named(key: string): string {
    if (!this.#keys.includes(key)) this.#keys.push(key)
    return `key-${this.#keys.indexOf(key) + 1}`
  }

  #answered(response: Response): Response {
    this.talk.tell("주문 서비스가 {0:으로/로} 답해요", "the order service answers {0}", response.status)
    return response
  }

  /** Calls the learner's client and says what came of it. */
  async place(url: string, attemptsMax: number): Promise<{ location: string } | { error: unknown }> {
    this.talk.tell("placeOrder()를 불러요 (attemptsMax {0})", "placeOrder() is called (attemptsMax {0})", attemptsMax)
    const result = await placeOrder(url, draft, attemptsMax).then(
      (location) => ({ location }),
      (error: unknown) => ({ error }),
    )
    if ("error" in result && (result.error as Error)?.name === "Todo") throw result.error
    if ("location" in result)
      this.talk.tell("placeOrder()가 {0:을/를} 돌려줘요", "placeOrder() returns {0}", code(JSON.stringify(result.location)))
    else this.talk.tell("placeOrder()가 거부해요: {0}", "placeOrder() rejects: {0}", code((result.error as Error)?.message))
    return result
  }

  async expectPlaced(url: string, id: string, attemptsMax = 3): Promise<void> {
    const result = await this.place(url, attemptsMax)
    const location = "location" in result ? result.location : undefined
    if (this.orders.length > Number(id.slice("order-".length))) {
      this.talk.anomaly(
        "DUPLICATED",
        words("고객은 한 번 주문했는데 주문이 {0}건이에요", "the customer ordered once, and there are {0} orders", this.orders.length),
      )
    }
    if (location === `/orders/${id}`) return
    if (this.orders.some((order) => order.id === id)) {
      this.talk.wrong(words("{0:을/를} 기대했어요", "{0} was expected", code(`/orders/${id}`)))
    }
    if (this.orders.some((order) => location === `/orders/${order.id}`)) {
      const sameKey = words(
        "고객의 주문이 앞선 주문의 키로 와서 만들어지지 않았어요",
        "the customer's order came under the key of an earlier one, and was not made",
      )
      this.talk.anomaly("LOST", sameKey)
    }
    this.talk.anomaly("LOST", words("고객의 주문이 만들어지지 않았어요", "the customer's order was not made"))
  }
}

test("[9] an order is placed, and the next one is another", async () => {
  const service = new Service([])
  await using open = await service.open()
  await service.expectPlaced(open.url, "order-1")
  await service.expectPlaced(open.url, "order-2")
})

test("[9] an attempt that fails is made again, under the same key", async () => {
  for (const fates of [["unreached"], [503], ["answer lost"], ["answer lost", 503]] as const) {
    const service = new Service(fates)
    await using open = await service.open()
    await service.expectPlaced(open.url, "order-1")
  }
})

test("[9] what is refused is not tried again", async () => {
  const service = new Service([422])
  await using open = await service.open()
  const result = await service.place(open.url, 3)
  if (service.attempts > 1)
    service.talk.wrong(
      words(
        "거절된 주문을 {0}번 보냈어요. 1번을 기대했어요",
        "an order that was refused was sent {0} times, expected: 1",
        service.attempts,
      ),
    )
  if ("location" in result)
    service.talk.wrong(words("거절된 주문인데 성공이라고 해요", "the order was refused, and the client says that it was placed"))
})

test("[9] after so many attempts the client gives up", async () => {
  for (const attemptsMax of [1, 3]) {
    const service = new Service(["unreached", 503, "unreached", 503, "unreached"])
    await using open = await service.open()
    const result = await service.place(open.url, attemptsMax)
    if (service.attempts !== attemptsMax) {
      service.talk.wrong(words("{0}번 시도했어요. {1}번을 기대했어요", "attempts made: {0}, expected: {1}", service.attempts, attemptsMax))
    }
    if ("location" in result)
      service.talk.wrong(words("실패했는데 성공이라고 해요", "all attempts failed, and the client says that the order was placed"))
  }
})
