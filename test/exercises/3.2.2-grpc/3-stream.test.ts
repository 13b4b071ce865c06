import { once } from "node:events"
import { setImmediate as turn } from "node:timers/promises"
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect"
import type { ServerWritableStream } from "@grpc/grpc-js"
import { test } from "vitest"
import * as work from "#work/3.2.2-grpc/3-stream.ts"
import { code, words } from "../support/language.ts"
import { Orders, Status } from "./orders_pb.js"
import { comes, connectClient, connectService, grpcClient, grpcService, Talk } from "./peers.ts"

const statuses: readonly work.Status[] = ["STATUS_PLACED", "STATUS_COOKING", "STATUS_ON_ITS_WAY", "STATUS_DELIVERED"]

/** What happens to the orders: the test tells it, whoever has subscribed hears it. */
class Feed {
  readonly talk: Talk
  readonly #listeners = new Map<object, { orderId: string; listener: (event: work.OrderEvent) => void }>()

  constructor(talk: Talk) {
    this.talk = talk
  }

  get subscriptions(): number {
    return this.#listeners.size
  }

  readonly subscribe = (orderId: string, listener: (event: work.OrderEvent) => void): (() => void) => {
    const subscription = {}
    this.#listeners.set(subscription, { orderId, listener })
    return () => void this.#listeners.delete(subscription)
  }

  tell(orderId: string, status: work.Status): void {
    this.talk.tell("{0}: {1}", "{0}: {1}", code(orderId), status)
    for (const { orderId: watched, listener } of [...this.#listeners.values()]) if (watched === orderId) listener({ orderId, status })
  }
}

/** The learner's service, watched by a client of the other library. */
async function watched(talk: Talk, feed: Feed) {
  const stack = new AsyncDisposableStack()
  const state = { gone: false, events: [] as string[], ended: false, error: undefined as unknown }
  const watchOrder = (call: ServerWritableStream<{ id: string }, work.OrderEvent>): void => {
    call.on("cancelled", () => {
      state.gone = true
    })
    try {
      work.watchOrder(feed, call)
    } catch (error) {
      state.error = error
      call.end()
    }
  }
  const service = stack.use(await grpcService("Orders", { watchOrder }))
  const { client } = stack.use(connectClient(Orders, service.port))
  const screen = new AbortController()
  talk.tell("고객 화면이 {0:을/를} 지켜보기 시작해요", "the customer's screen begins to watch {0}", code("order-1"))
  const watching = (async () => {
    for await (const event of client.watchOrder({ id: "order-1" }, { signal: screen.signal })) {
      state.events.push(`${event.orderId} ${`STATUS_${Status[event.status]}`}`)
    }
    state.ended = true
  })().catch((error: unknown) => {
    if (!screen.signal.aborted) state.error ??= error
  })
  await Promise.race([until(() => feed.subscriptions > 0 || state.error !== undefined), watching])
  if (state.error !== undefined) throw state.error
  const probe = () => client.getOrder({ id: "probe" }).catch(() => {})
  return { state, screen, probe, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn()
}

test("[5] the client sees what happens to its order, and the stream ends with the delivery", async () => {
  const talk = new Talk()
  const feed = new Feed(talk)
  await using run = await watched(talk, feed)
  for (const status of statuses) {
    if (status === "STATUS_ON_ITS_WAY") feed.tell("order-2", "STATUS_PLACED")
    feed.tell("order-1", status)
  }
  await comes(() => run.state.ended, run.probe)
  const expected = statuses.map((status) => `order-1 ${status}`)
  talk.tell("고객 화면이 받은 것: {0}", "the customer's screen has seen: {0}", run.state.events.join(", ") || words("없음", "nothing"))
  if (run.state.events.join() !== expected.join()) {
    const missing = expected.find((event) => !run.state.events.includes(event))
    if (missing !== undefined) talk.anomaly("LOST", words("{0:이/가} 오지 않았어요", "{0} did not come", code(missing)))
    talk.wrong(words("{0:을/를} 기대했어요", "{0} was expected", expected.join(", ")))
  }
  if (!run.state.ended)
    talk.anomaly("STUCK", words("배달이 끝났는데 스트림이 끝나지 않아요", "the order is delivered, and the stream does not end"))
  if (feed.subscriptions > 0) {
    talk.anomaly("STUCK", words("스트림은 끝났는데 구독이 남아 있어요", "the stream has ended, and the subscription goes on"))
  }
})

test("[5] when the client has gone, the subscription ends", async () => {
  const talk = new Talk()
  const feed = new Feed(talk)
  await using run = await watched(talk, feed)
  feed.tell("order-1", "STATUS_PLACED")
  await comes(() => run.state.events.length > 0, run.probe)
  talk.tell("고객이 화면을 닫아요", "the customer closes the screen")
  run.screen.abort()
  await until(() => run.state.gone)
  await comes(() => feed.subscriptions === 0)
  if (feed.subscriptions === 0) return
  feed.tell("order-1", "STATUS_COOKING")
  talk.anomaly("STUCK", words("아무도 보지 않는데 구독이 남아 있어요", "nobody watches, and the subscription goes on"))
})

const orderCount = 200

/** A cursor over the orders of a database. The orders are big, so that not many are under way at once. */
class Cursor {
  read = 0
  closed = false
  readonly #failsAt: number

  constructor(failsAt = Number.POSITIVE_INFINITY) {
    this.#failsAt = failsAt
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<work.Order> {
    try {
      while (this.read < orderCount) {
        await turn()
        if (this.read === this.#failsAt) return
        this.read++
        yield { id: `order-${this.read}`, customerId: "customer-1".padEnd(8_000, ".") }
      }
    } finally {
      this.closed = true
    }
  }
}

/** The learner's service, its orders listed for a client of the other library. */
async function listed(cursor: Cursor) {
  const stack = new AsyncDisposableStack()
  const state = { gone: false, error: undefined as unknown }
  const listOrders = (call: ServerWritableStream<object, work.Order>): void => {
    call.on("cancelled", () => {
      state.gone = true
    })
    work.listOrders(cursor, call).catch((error: unknown) => {
      if ((error as Error)?.name !== "AbortError") state.error = error
      call.end()
    })
  }
  const service = stack.use(await grpcService("Orders", { listOrders }))
  const { client } = stack.use(connectClient(Orders, service.port))
  const screen = new AbortController()
  const stream = client.listOrders({}, { signal: screen.signal })[Symbol.asyncIterator]()
  const judge = () => {
    if (state.error !== undefined) throw state.error
  }
  const probe = () => client.getOrder({ id: "probe" }).catch(() => {})
  return { state, stream, screen, probe, judge, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test("[6] the client gets all the orders, in their order", async () => {
  const [talk, cursor] = [new Talk(), new Cursor()]
  await using run = await listed(cursor)
  talk.tell("클라이언트가 주문 {0}건을 끝까지 읽어요", "the client reads {0} orders to the end", orderCount)
  const ids: string[] = []
  let ended = false
  const reading = (async () => {
    for (let next = await run.stream.next(); !next.done; next = await run.stream.next()) ids.push(next.value.id)
    ended = true
  })()
  await Promise.race([until(() => ids.length >= orderCount || run.state.error !== undefined), reading])
  await comes(() => ended, run.probe)
  run.judge()
  talk.tell("온 주문: {0}건", "orders that came: {0}", ids.length)
  const wrong = Array.from({ length: orderCount }, (_, index) => `order-${index + 1}`).find((id, index) => ids[index] !== id)
  if (wrong !== undefined) talk.anomaly("LOST", words("{0:이/가} 제자리에 없어요", "{0} is not in its place", code(wrong)))
  if (!ended) talk.anomaly("STUCK", words("주문이 다 왔는데 스트림이 끝나지 않아요", "all orders have come, and the stream does not end"))
})

/** Takes one order and then none, until the service reads no more. */
async function takesOne(talk: Talk, cursor: Cursor, run: Awaited<ReturnType<typeof listed>>): Promise<void> {
  await run.stream.next()
  run.judge()
  talk.tell("클라이언트가 하나를 읽고 멈춰요", "the client takes one order, and then none")
  await stands(cursor)
}

/** Waits until the cursor is closed, or read no further for a while. */
async function stands(cursor: Cursor): Promise<void> {
  for (let still = 0, read = -1; still < 200 && !cursor.closed; still = cursor.read === read ? still + 1 : 0) {
    read = cursor.read
    await turn()
  }
}

test("[6] the service reads no further than the client takes", async () => {
  const [talk, cursor] = [new Talk(), new Cursor()]
  await using run = await listed(cursor)
  await takesOne(talk, cursor, run)
  run.screen.abort()
  if (cursor.read < orderCount / 2) return
  talk.tell("주문 서비스가 {0}건을 읽어 메모리에 쌓아요", "the order service reads {0} orders and keeps them in memory", cursor.read)
  talk.wrong(
    words("클라이언트가 받지 않는데 주문 서비스는 계속 만들어요", "the client takes nothing, and the order service goes on producing"),
  )
})

test("[6] when the client has gone, the service stops reading", async () => {
  const [talk, cursor] = [new Talk(), new Cursor()]
  await using run = await listed(cursor)
  await takesOne(talk, cursor, run)
  talk.tell("클라이언트가 떠나요", "the client goes away")
  run.screen.abort()
  await until(() => run.state.gone)
  await stands(cursor)
  if (cursor.read === orderCount) {
    talk.wrong(words("떠난 클라이언트를 위해 {0}건을 모두 읽었어요", "all {0} orders were read for a client that has gone", orderCount))
  }
  if (cursor.closed) return
  talk.anomaly("STUCK", words("떠난 클라이언트를 위해 커서가 열린 채 남아 있어요", "the cursor stays open for a client that has gone"))
})

/** What the service of the other library tells the learner's client. */
class Told {
  readonly talk: Talk
  readonly statuses: readonly work.Status[]
  readonly end: "goes on" | "ends" | "fails"
  signal: AbortSignal | undefined
  readonly saidAll = Promise.withResolvers<void>()

  constructor(talk: Talk, statuses: readonly work.Status[], end: Told["end"]) {
    this.talk = talk
    this.statuses = statuses
    this.end = end
  }

  async *watchOrder({ id }: { id: string }, context: HandlerContext) {
    this.signal = context.signal
    try {
      for (const status of this.statuses) {
        this.talk.tell("주문 서비스: {0}", "the order service: {0}", status)
        yield { orderId: id, status: Status[status.slice("STATUS_".length) as keyof typeof Status] }
      }
    } finally {
      this.saidAll.resolve()
    }
    if (this.end === "ends") this.talk.tell("주문 서비스가 스트림을 끝내요", "the order service ends the stream")
    if (this.end === "fails") this.talk.tell("주문 서비스가 UNAVAILABLE로 실패해요", "the order service fails with UNAVAILABLE")
    if (this.end === "fails") throw new ConnectError("", Code.Unavailable)
    if (this.end === "goes on" && !context.signal.aborted) await once(context.signal, "abort")
  }
}

/** Lets the learner's client wait for COOKING. */
async function waited(told: Told): Promise<{ cancelled: boolean; result: "resolved" | "rejected" | undefined }> {
  const { talk } = told
  await using service = await connectService((router) =>
    router.service(Orders, { watchOrder: (request, context) => told.watchOrder(request, context), getOrder: () => ({}) }),
  )
  using client = grpcClient<work.OrdersClient & { getOrder(request: object, callback: () => void): void }>("Orders", service.port)
  talk.tell("호출: {0}", "{0} is called", code('waitFor(client, "order-1", "STATUS_COOKING")'))
  const probe = () => new Promise<void>((resolve) => client.getOrder({}, () => resolve()))
  const state: { result?: "resolved" | "rejected" } = {}
  const settled = work.waitFor(client, "order-1", "STATUS_COOKING").then(
    () => {
      state.result = "resolved"
    },
    (error: unknown) => {
      if ((error as Error)?.name === "Todo") throw error
      state.result = "rejected"
    },
  )
  await Promise.race([settled, told.saidAll.promise])
  if (!(await comes(() => state.result !== undefined, probe))) {
    talk.anomaly("STUCK", words("더 올 것이 없는데 waitFor()가 끝나지 않아요", "nothing more will come, and waitFor() does not settle"))
  }
  talk.tell("결과: {0}", "the result: {0}", state.result === "resolved" ? words("이행", "resolved") : words("거부", "rejected"))
  return { cancelled: await comes(() => told.signal?.aborted === true, probe), result: state.result }
}

test("[7] who has seen enough tells the service", async () => {
  const talk = new Talk()
  const { cancelled, result } = await waited(new Told(talk, ["STATUS_PLACED", "STATUS_COOKING"], "goes on"))
  if (result === "rejected") talk.wrong(words("이행되기를 기대했어요", "it was expected to resolve"))
  if (!cancelled)
    talk.anomaly(
      "STUCK",
      words("더 볼 사람이 없는데 주문 서비스는 계속 보내려 해요", "nobody watches any more, and the order service goes on"),
    )
})

test("[7] a stream that ends or fails before that is a rejection", async () => {
  for (const end of ["ends", "fails"] as const) {
    const talk = new Talk()
    const { result } = await waited(new Told(talk, ["STATUS_PLACED"], end))
    if (result === "resolved") talk.wrong(words("그 상태가 된 적이 없는데 이행됐어요", "the order never had that status, and it resolved"))
  }
})
