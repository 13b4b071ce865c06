import { test } from "vitest"
import { ReplyTimeoutError } from "#waystation"
import { askByHttp, askByMessage } from "#work/3.1.1-interaction-styles/2-request-response.ts"
import { Anomaly, type Finding, failure } from "../support/anomaly.ts"
import { duplicated } from "../support/checks.ts"
import { explore } from "../support/explore.ts"
import { History } from "../support/history.ts"
import { closedAddress, listening } from "../support/http.ts"
import { code, type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { type Answer, type Order, order, orderService, patienceMs, StyleRun, shown, theKitchen, type Watched, yesOrNo } from "./services.ts"

test("[2] the kitchen's answer is the caller's", async () => {
  for (const accepted of [true, false]) {
    const asked = order(accepted ? 7 : 8)
    const requests: Words[] = []
    await using kitchen = await listening(async (request) => {
      const body = await request.text()
      const type = request.headers.get("content-type") ?? ""
      const parts = [request.method, code(type), code(body)]
      requests.push(
        words("주방에 {0} 요청이 와요. 타입은 {1}, 본문은 {2}", "the kitchen gets a {0}, of type {1}, with the body {2}", ...parts),
      )
      if (request.method !== "POST") return new Response("", { status: 405 })
      if (!type.startsWith("application/json")) return new Response("", { status: 415 })
      if (body !== JSON.stringify(asked) && !sameOrder(body, asked)) return new Response("", { status: 400 })
      return Response.json({ orderId: asked.id, accepted })
    })
    const said = await askByHttp(kitchen.url, asked).catch((error: unknown) => refuseHeard(error, requests, asked))
    if (said?.orderId === asked.id && said.accepted === accepted) continue
    const answered = words("주방의 답은 {0:이에요/예요}", "the kitchen answers {0}", shown({ orderId: asked.id, accepted }))
    throw failure("PHANTOM", phantomAnswer("askByHttp()", said), [...requests, answered])
  }
})

function sameOrder(body: string, asked: Order): boolean {
  try {
    const { id, dish } = JSON.parse(body) as Order
    return id === asked.id && dish === asked.dish
  } catch {
    return false
  }
}

/** The kitchen refused the request as such: what it got says why. */
function refuseHeard(error: unknown, requests: readonly Words[], asked: Order): never {
  if (requests.length === 0 || (error as Error).name === "Todo") throw error
  const headline = words("주방이 알아볼 수 없는 요청을 받았어요", "the kitchen got a request that it cannot read")
  const note = words(
    "`POST`, `content-type: application/json`, 본문 {0:이어야/여야} 해요",
    "it should be a `POST` with `content-type: application/json` and the body {0}",
    shown(asked),
  )
  throw new Wrong(headline, requests, note)
}

function phantomAnswer(caller: string, said: unknown): Words {
  return words("{0:이/가} 주방이 하지 않은 답을 돌려줘요: {1}", "{0} returns what the kitchen never answered: {1}", caller, shown(said))
}

test("[2] no answer is not an answer", async () => {
  const asked = order(7)
  await using broken = await listening(() => Response.json({ error: "the stove is broken" }, { status: 503 }))
  await using lost = await listening(() => new Response("bad gateway", { status: 502 }))
  const situations: [string, Words][] = [
    [
      broken.url,
      words(
        '주방의 응답은 503, 본문은 `{"error":"the stove is broken"}`',
        'the kitchen responds with 503 and `{"error":"the stove is broken"}`',
      ),
    ],
    [lost.url, words("게이트웨이의 응답은 502, 본문은 `bad gateway`", "a gateway responds with 502 and `bad gateway`")],
    [
      await closedAddress(),
      words("주방이 닫혀서 연결이 거부돼요(ECONNREFUSED)", "the kitchen is closed: the connection is refused (ECONNREFUSED)"),
    ],
  ]
  for (const [url, what] of situations) {
    const said = await askByHttp(url, asked).then(
      (value) => ({ value }),
      (error: Error) => (error.name === "Todo" ? Promise.reject(error) : undefined),
    )
    if (!said) continue
    const note = words("답을 얻지 못했다면 프로미스가 거부(reject)되어야 해요", "where there is no answer, the promise has to be rejected")
    const history = new History(() => 0)
    history.add({ process: "", event: "told", words: what })
    throw new Anomaly({ kind: "PHANTOM", headline: phantomAnswer("askByHttp()", said.value), note }, history)
  }
})

interface Schedule {
  readonly orders: readonly Order[]
  readonly ms: Readonly<Record<string, number>>
  /** How long the kitchen is still closed. */
  readonly opensAfterMs: number
}

const refused = order(8).id

test("[3] each order gets its own answer", async () => {
  const ms = { [order(7).id]: 400, [order(8).id]: 50 }
  const small: Schedule[] = [
    { orders: [order(7)], ms, opensAfterMs: 0 },
    { orders: [order(8)], ms, opensAfterMs: 0 },
    { orders: [order(7), order(8)], ms, opensAfterMs: 0 },
    { orders: [order(8), order(7), order(9)], ms, opensAfterMs: 0 },
  ]
  await explore({ small }, checkAsked)
})

test("[3] the request waits for a kitchen that opens later", async () => {
  const small: Schedule[] = [[order(7)], [order(7), order(8)]].map((orders) => ({ orders, ms: {}, opensAfterMs: 10_000 }))
  await explore({ small }, checkAsked)
})

async function checkAsked({ orders, ms, opensAfterMs }: Schedule): Promise<void> {
  await using run = new StyleRun({ ms })
  const service = run.process(orderService)
  const kitchen = run.process(theKitchen)
  const open = () =>
    kitchen.broker.requestReply<Order, Answer>("kitchen").respond(
      async ({ body }) => {
        await run.finishes(theKitchen, kitchen, body.id)
        return { orderId: body.id, accepted: body.id !== refused }
      },
      { concurrency: 5 },
    )
  if (opensAfterMs === 0) open()
  const asking = orders.map((each) => ({ ...each, said: run.watch(askByMessage(service.broker, each)) }))
  if (opensAfterMs > 0) {
    await run.clock.advance(opensAfterMs)
    run.tell(theKitchen, "opened", {}, ["10초 뒤에 {0:이/가} 문을 열어요", "10 seconds later {0} opens"])
    open()
  }
  await run.reaches(() => asking.every(({ said }) => said.settled), patienceMs)
  // The kitchen may still be at work for a caller that did not wait for it.
  await run.clock.advance(1_000)
  run.judge(askedAgain(duplicated(run.history)), ...asking.map(({ id, said }) => misled(id, said)))
}

function askedAgain(twice: Finding | undefined): Finding | undefined {
  const note = words(
    "다시 물어도 앞의 요청은 채널에 남아 있어서, 주방은 둘 다 받아요",
    "whoever asks again leaves the first request in the channel: the kitchen gets both",
  )
  return twice && { ...twice, note }
}

function misled(id: string, { settled, afterMs = 0, error, value }: Watched<Answer>): Finding | undefined {
  const keys = [id]
  if (error !== undefined && !(error instanceof ReplyTimeoutError)) throw error
  if (error !== undefined) {
    const headline = words(
      "{0:을/를} 물은 쪽이 {1}ms 만에 포기해서, 그 뒤에 온 주방의 답이 버려져요",
      "who asked about {0} gives up after {1} ms: the kitchen's answer, which comes later, is lost",
      code(id),
      afterMs,
    )
    return { kind: "LOST", headline, keys }
  }
  const accepted = id !== refused
  if (!settled) {
    return {
      kind: "STUCK",
      headline: words("{0:을/를} 물었는데 답이 돌아오지 않아요", "{0} was asked about, and no answer comes back", code(id)),
      keys,
    }
  }
  if (value?.orderId === id && value.accepted === accepted) return undefined
  const note = words("{0}에 대한 주방의 답은 {1:이에요/예요}", "the kitchen's answer to {0}: {1}", code(id), yesOrNo(accepted))
  return { kind: "PHANTOM", headline: phantomAnswer("askByMessage()", value), note, keys }
}
