import { setImmediate as turn } from "node:timers/promises"
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect"
import { type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js"
import { afterEach, test, vi } from "vitest"
import * as work from "#work/3.2.2-grpc/2-deadline.ts"
import { code, type Words, words } from "../support/language.ts"
import { Kitchen as KitchenService, Orders as OrderService } from "./orders_pb.js"
import { comes, connectClient, connectService, grpcClient, grpcService, statusName, Talk } from "./peers.ts"

const minutes = 25

afterEach(() => void vi.useRealTimers())

/** From here on the clock stands still, unless it is moved on: what is left of a deadline is exact. Timers go on. */
function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 5, 12) })
}

/** The kitchen service, of the other library: notes what it was told of the time, and may never answer. */
class Kitchen {
  readonly talk: Talk
  answers = true
  failure: Code | undefined
  readonly begun = Promise.withResolvers<void>()
  deadlineMs: number | undefined
  signal: AbortSignal | undefined

  constructor(talk: Talk) {
    this.talk = talk
  }

  open(): ReturnType<typeof connectService> {
    return connectService((router) =>
      router.service(KitchenService, { estimate: (request, context) => this.#estimate(request.orderId, context) }),
    )
  }

  async #estimate(orderId: string, context: HandlerContext): Promise<{ minutes: number }> {
    if (orderId === "probe") return { minutes: 0 }
    this.deadlineMs = timeoutMs(context.requestHeader.get("grpc-timeout"))
    this.signal = context.signal
    this.talk.tell(
      "주방이 호출을 받아요. 주어진 시간: {0}",
      "the kitchen gets the call, with this much time: {0}",
      shownMs(this.deadlineMs),
    )
    this.begun.resolve()
    if (this.failure !== undefined) throw new ConnectError("", this.failure)
    if (!this.answers && this.deadlineMs === undefined) {
      this.talk.tell(
        "이대로면 영원히 기다려요. 테스트가 대신 답해서 기다림을 끝내요",
        "nothing would ever end the wait: the test answers, to end it",
      )
    } else if (!this.answers) {
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve))
    }
    return { minutes }
  }
}

/** "5S", "5000m": eight digits and a unit. */
function timeoutMs(header: string | null): number | undefined {
  const units: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }
  const [, count, unit] = /^(\d+)([HMSmun])$/.exec(header ?? "") ?? []
  return count && unit ? Number(count) * (units[unit] ?? Number.NaN) : undefined
}

function shownMs(ms: number | undefined): string | Words {
  return ms === undefined ? words("정해지지 않음", "no limit") : `${Math.round(ms).toLocaleString("en")} ms`
}

type Estimate = { readonly minutes: number } | { readonly rejected: unknown }

/** Calls the learner's client. */
async function estimated(talk: Talk, kitchen: Kitchen, withinMs: number): Promise<Estimate> {
  await using service = await kitchen.open()
  using client = grpcClient<work.KitchenClient>("Kitchen", service.port)
  // Its time is for the call: a busy machine may take long to connect.
  await new Promise((resolve) => client.waitForReady(Number.POSITIVE_INFINITY, resolve))
  talk.tell("호출: {0}", "{0} is called", code(`estimateWithin(client, "order-1", ${withinMs})`))
  const result = await work.estimateWithin(client, "order-1", withinMs).then(
    (came): Estimate => ({ minutes: came }),
    (error: unknown): Estimate => ({ rejected: error }),
  )
  if ("rejected" in result && (result.rejected as Error)?.name === "Todo") throw result.rejected
  const shown = "minutes" in result ? code(String(result.minutes)) : words("거부 ({0})", "a rejection ({0})", failureName(result.rejected))
  talk.tell("결과: {0}", "the result is {0}", shown)
  return result
}

function failureName(error: unknown): string {
  return typeof (error as { code?: unknown })?.code === "number"
    ? statusName((error as { code: number }).code)
    : String((error as Error)?.message)
}

test("[3] the kitchen knows how long it has, and its answer is the result", async () => {
  stopTheClock()
  for (const withinMs of [5_000, 800]) {
    const talk = new Talk()
    const kitchen = new Kitchen(talk)
    const result = await estimated(talk, kitchen, withinMs)
    if (kitchen.signal === undefined) talk.wrong(words("호출이 주방에 닿지도 않았어요", "the call did not even reach the kitchen"))
    expectTime(talk, kitchen, withinMs)
    if (!("minutes" in result) || result.minutes !== minutes) talk.wrong(words("{0:을/를} 기대했어요", "{0} was expected", minutes))
  }
})

test("[3] who gets no answer in time stops waiting", async () => {
  stopTheClock()
  const talk = new Talk()
  const kitchen = new Kitchen(talk)
  kitchen.answers = false
  const result = await estimated(talk, kitchen, 300)
  if (kitchen.signal === undefined) talk.wrong(words("호출이 주방에 닿지도 않았어요", "the call did not even reach the kitchen"))
  if (kitchen.deadlineMs === undefined) talk.wrong(words("주방은 언제까지인지 몰라요", "the kitchen does not know by when"))
  if (!("rejected" in result)) talk.wrong(words("답이 없었는데 결과가 있어요", "there was no answer, and there is a result"))
})

test("[3] a failure of the kitchen is a failure", async () => {
  stopTheClock()
  const talk = new Talk()
  const kitchen = new Kitchen(talk)
  kitchen.failure = Code.Unavailable
  if ("minutes" in (await estimated(talk, kitchen, 5_000))) {
    talk.wrong(words("주방이 실패했는데 결과가 있어요", "the kitchen failed, and there is a result"))
  }
})

/** What the kitchen was told must be what the caller still had, give or take what rounding takes. */
function expectTime(talk: Talk, kitchen: Kitchen, expectedMs: number): void {
  const came = kitchen.deadlineMs
  if (came !== undefined && came <= expectedMs && came > expectedMs - 10) return
  talk.wrong(
    words(
      "주방에 주어진 시간: {0}. 기대한 시간: {1}",
      "the kitchen has this much time: {0}. Expected: {1}",
      shownMs(came),
      shownMs(expectedMs),
    ),
  )
}

/** A customer's screen, the learner's order service, and the kitchen. */
async function chain(talk: Talk, kitchen: Kitchen, loadMs = 0) {
  const stack = new AsyncDisposableStack()
  const kitchenService = stack.use(await kitchen.open())
  const toKitchen = stack.use(grpcClient<work.KitchenClient>("Kitchen", kitchenService.port))
  const gone = Promise.withResolvers<void>()
  let error: unknown
  const orders = {
    load: async (id: string): Promise<void> => {
      await turn()
      if (loadMs > 0) vi.setSystemTime(Date.now() + loadMs)
      talk.tell("주문 서비스가 {0:을/를} 읽어요 ({1})", "the order service loads {0} ({1})", code(id), shownMs(loadMs))
    },
  }
  const estimate = async (
    call: ServerUnaryCall<work.EstimateRequest, work.EstimateResponse>,
    callback: sendUnaryData<work.EstimateResponse>,
  ) => {
    call.on("cancelled", gone.resolve)
    try {
      await (work.passOn(orders, toKitchen, call, callback) as unknown)
    } catch (thrown) {
      error = thrown
      callback({ code: status.UNKNOWN })
    }
  }
  const service = stack.use(await grpcService("Orders", { estimate }))
  const { client } = stack.use(connectClient(OrderService, service.port))
  const judge = () => {
    if (error !== undefined) throw error
  }
  const probe = () => new Promise((resolve) => toKitchen.estimate({ orderId: "probe" }, {}, resolve))
  return { client, judge, probe, gone: gone.promise, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test("[4] the kitchen's answer is the caller's answer", async () => {
  stopTheClock()
  for (const failure of [undefined, Code.Unavailable]) {
    const talk = new Talk()
    const kitchen = new Kitchen(talk)
    kitchen.failure = failure
    await using run = await chain(talk, kitchen)
    talk.tell("고객 화면이 60초를 주고 예상 시간을 물어요", "the customer's screen asks for the estimate, with 60 s to go")
    const came = await run.client.estimate({ orderId: "order-1" }, { timeoutMs: 60_000 }).then(
      (response) => `OK ${response.minutes}`,
      (thrown: unknown) => statusName(ConnectError.from(thrown).code),
    )
    run.judge()
    const expected = failure === undefined ? `OK ${minutes}` : statusName(failure)
    talk.tell("고객 화면이 받은 답: {0}", "the customer's screen gets {0}", code(came))
    if (came !== expected)
      talk.wrong(words("받은 답: {0}. 기대한 답: {1}", "the answer is {0}, and {1} was expected", code(came), code(expected)))
  }
})

test("[4] the kitchen has what is left of the caller's time", async () => {
  stopTheClock()
  const talk = new Talk()
  const kitchen = new Kitchen(talk)
  await using run = await chain(talk, kitchen, 20_000)
  talk.tell("고객 화면이 60초를 주고 예상 시간을 물어요", "the customer's screen asks for the estimate, with 60 s to go")
  await run.client.estimate({ orderId: "order-1" }, { timeoutMs: 60_000 }).catch(() => undefined)
  run.judge()
  expectTime(talk, kitchen, 40_000)
})

test("[4] when the caller has gone, the kitchen stops", async () => {
  stopTheClock()
  const talk = new Talk()
  const kitchen = new Kitchen(talk)
  kitchen.answers = false
  await using run = await chain(talk, kitchen)
  const customer = new AbortController()
  talk.tell("고객 화면이 60초를 주고 예상 시간을 물어요", "the customer's screen asks for the estimate, with 60 s to go")
  const answer = run.client.estimate({ orderId: "order-1" }, { timeoutMs: 60_000, signal: customer.signal }).catch(() => undefined)
  await Promise.race([kitchen.begun.promise, answer])
  run.judge()
  if (kitchen.deadlineMs === undefined) talk.wrong(words("주방은 언제까지인지 몰라요", "the kitchen does not know by when"))
  talk.tell("고객이 화면을 닫아요", "the customer closes the screen")
  customer.abort()
  await Promise.all([run.gone, answer])
  if (await comes(() => kitchen.signal?.aborted === true, run.probe)) return
  talk.anomaly("STUCK", words("기다리는 사람이 없는데 주방은 일을 계속해요", "nobody waits any more, and the kitchen works on"))
})
