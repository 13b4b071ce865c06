import { Code, ConnectError } from "@connectrpc/connect"
import { type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js"
import { test } from "vitest"
import * as work from "#work/3.2.2-grpc/1-unary-call.ts"
import { code, say, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Orders } from "./orders_pb.js"
import { comes, connectClient, connectService, grpcClient, grpcService, statusName, Talk } from "./peers.ts"

const order: work.Order = { id: "order-1", customerId: "customer-1", totalWon: 18_000 }

/** One order, in a database that may be down. */
class Database {
  down = false

  readonly find = async (id: string): Promise<work.Order | undefined> => {
    if (this.down) throw new Refusal(say({ ko: "데이터베이스가 멈췄어요", en: "the database is down" }))
    return id === order.id ? order : undefined
  }
}

/** Runs the learner's handler, and sees to it that the call ends. */
class Service {
  answers = 0
  error: unknown

  readonly talk: Talk
  readonly orders: Database

  constructor(talk: Talk, orders: Database) {
    this.talk = talk
    this.orders = orders
  }

  readonly getOrder = async (
    call: ServerUnaryCall<work.GetOrderRequest, work.GetOrderResponse>,
    callback: sendUnaryData<work.GetOrderResponse>,
  ): Promise<void> => {
    const answer: sendUnaryData<work.GetOrderResponse> = (...parts) => {
      if (this.answers++ === 0) callback(...parts)
    }
    try {
      // Declared to return nothing; a learner's handler may be async all the same.
      await (work.getOrder(this.orders, call, answer) as unknown)
    } catch (error) {
      this.error = error
    }
    await comes(() => this.answers > 0)
    if (this.answers === 0) callback({ code: status.UNKNOWN })
  }

  /** The call has to have been answered, once. */
  judge(): void {
    if (this.error !== undefined && !(this.error instanceof Refusal)) throw this.error
    if (this.answers === 0) {
      this.talk.anomaly(
        "STUCK",
        words("호출에 답이 없어요. 클라이언트는 끝없이 기다려요", "the call is not answered: the client waits for ever"),
      )
    }
    if (this.answers > 1) this.talk.wrong(words("호출 하나에 답을 {0}번 했어요", "one call was answered {0} times", this.answers))
  }
}

interface Outcome {
  readonly code: number
  readonly order?: { readonly id: string; readonly customerId: string; readonly totalWon: number } | undefined
}

/** Asks the learner's service, with the other library. */
async function ask(id: string, talk: Talk, orders = new Database()): Promise<Outcome> {
  const running = new Service(talk, orders)
  await using service = await grpcService("Orders", { getOrder: running.getOrder })
  using connected = connectClient(Orders, service.port)
  talk.tell("클라이언트의 호출: {0}", "the client calls {0}", code(`GetOrder({ id: ${JSON.stringify(id)} })`))
  const outcome = await connected.client.getOrder({ id }).then(
    (response): Outcome => {
      talk.tell(
        "응답: {0}",
        "the answer is {0}",
        code(`OK ${JSON.stringify({ order: response.order?.id ?? null, error: response.error })}`),
      )
      return { code: status.OK, order: response.order }
    },
    (error: unknown): Outcome => {
      if (running.answers === 0) return { code: status.UNKNOWN }
      const { code: number, rawMessage } = ConnectError.from(error)
      talk.tell("응답: {0}", "the answer is {0}", code(`${statusName(number)} ${rawMessage}`.trim()))
      return { code: number }
    },
  )
  running.judge()
  return outcome
}

function expectStatus(talk: Talk, { code: came }: Outcome, expected: status): void {
  if (came === expected) return
  talk.wrong(
    words(
      "상태가 {0:이에요/예요}. {1:을/를} 기대했어요",
      "the status is {0}, and {1} was expected",
      statusName(came),
      statusName(expected),
    ),
  )
}

test("[1] an order that is there is the answer", async () => {
  const talk = new Talk()
  const outcome = await ask(order.id, talk)
  expectStatus(talk, outcome, status.OK)
  const { id, customerId, totalWon } = outcome.order ?? {}
  if (JSON.stringify({ id, customerId, totalWon }) !== JSON.stringify(order)) {
    talk.wrong(words("응답에 {0:이/가} 없어요", "{0} is not in the answer", code(JSON.stringify(order))))
  }
})

test("[1] what is not there is NOT_FOUND", async () => {
  const talk = new Talk()
  expectStatus(talk, await ask("order-9", talk), status.NOT_FOUND)
})

test("[1] a request without an id is INVALID_ARGUMENT", async () => {
  const talk = new Talk()
  expectStatus(talk, await ask("", talk), status.INVALID_ARGUMENT)
})

test("[1] what cannot be known is UNAVAILABLE", async () => {
  const [talk, orders] = [new Talk(), new Database()]
  orders.down = true
  talk.tell("데이터베이스가 멈춰요", "the database goes down")
  expectStatus(talk, await ask(order.id, talk, orders), status.UNAVAILABLE)
})

type Found = { readonly order: work.Order | undefined } | { readonly rejected: unknown }

/** Lets the learner's client ask a service of the other library. */
async function found(talk: Talk, failure: Code | undefined): Promise<Found> {
  await using service = await connectService((router) =>
    router.service(Orders, {
      getOrder: () => {
        talk.tell("주문 서비스가 {0:으로/로} 답해요", "the order service answers {0}", failure === undefined ? "OK" : statusName(failure))
        if (failure === undefined) return { order: { ...order, lines: [] } }
        throw new ConnectError("", failure)
      },
    }),
  )
  using client = grpcClient<work.OrdersClient>("Orders", service.port)
  talk.tell("호출: {0}", "{0} is called", code(`findOrder(client, "${order.id}")`))
  // The Todo of a task that waits is thrown here, not rejected.
  const result = await work.findOrder(client, order.id).then(
    (value): Found => ({ order: value }),
    (error: unknown): Found => ({ rejected: error }),
  )
  if ("rejected" in result && (result.rejected as Error)?.name === "Todo") throw result.rejected
  const shown = "rejected" in result ? words("거부", "a rejection") : code(JSON.stringify(result.order) ?? "undefined")
  talk.tell("결과: {0}", "the result is {0}", shown)
  return result
}

test("[2] an order that is there is found", async () => {
  const talk = new Talk()
  const result = await found(talk, undefined)
  if ("order" in result && result.order?.id === order.id && result.order.totalWon === order.totalWon) return
  talk.wrong(words("주문을 기대했어요", "the order was expected"))
})

test("[2] that there is none is no failure", async () => {
  const talk = new Talk()
  const result = await found(talk, Code.NotFound)
  if (!("order" in result) || result.order !== undefined) talk.wrong(words("`undefined`를 기대했어요", "`undefined` was expected"))
})

test("[2] that it cannot be known is no answer", async () => {
  for (const failure of [Code.Unavailable, Code.Internal, Code.DeadlineExceeded]) {
    const talk = new Talk()
    if ("rejected" in (await found(talk, failure))) continue
    talk.wrong(words("있는지 알 수 없는데 없다고 해요", "it cannot be known, and is said not to be there"))
  }
})
