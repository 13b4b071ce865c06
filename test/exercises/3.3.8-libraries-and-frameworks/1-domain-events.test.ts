import { test } from "vitest"
import { createOutbox, type Database } from "#waystation"
import * as work from "#work/3.3.8-libraries-and-frameworks/1-domain-events.ts"
import type { Finding } from "../support/anomaly.ts"
import { reordered } from "../support/checks.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { difference } from "../support/said.ts"
import { type OrderRow, orders, PublishingRun, tellOrders, untold, untrue } from "./publishing.ts"
import { expectSame, nameOf, orderService } from "./services.ts"

/** What the learner's publisher is asked to publish, in one transaction. */
interface Published {
  readonly aggregateType: string
  readonly aggregateId: string
  readonly events: readonly work.DomainEvent[]
}

const placed = (orderId: string): work.DomainEvent => ({ type: "OrderPlaced", data: { orderId, cents: 1_590 } })
const cancelled = (orderId: string): work.DomainEvent => ({ type: "OrderCancelled", data: { orderId } })
const ofOrder = (aggregateId: string, ...events: work.DomainEvent[]): Published => ({ aggregateType: "Order", aggregateId, events })

const publisherOf = (database: Database) => new work.DomainEventPublisher(createOutbox(database))

async function publish(run: PublishingRun, published: readonly Published[]): Promise<void> {
  const { process, database } = run.start()
  const publisher = publisherOf(database)
  database.transaction(() => {
    for (const { aggregateType, aggregateId, events } of published) {
      const names = events.map(({ type }) => type).join(", ")
      run.tell(
        words(
          "{0:이/가} {1}의 이벤트를 발행해요: {2}",
          "{0} publishes events of {1}: {2}",
          orderService,
          code(`${aggregateType} ${aggregateId}`),
          names || "–",
        ),
      )
      run.ignore(process, publisher.publish(aggregateType, aggregateId, events))
    }
  })()
  await run.arrives()
  run.judge(run.stuck())
}

test("[1] each event comes to the channel of its aggregate's type, with its headers and its data", async () => {
  const small = [
    [ofOrder("order-7", placed("order-7"))],
    [ofOrder("order-7", placed("order-7"), cancelled("order-7"))],
    [
      ofOrder("order-7", placed("order-7")),
      { aggregateType: "Ticket", aggregateId: "ticket-3", events: [{ type: "TicketPrinted", data: { copies: 2 } }] },
    ],
    [ofOrder("order-7")],
  ]
  await explore({ small }, async (published) => {
    await using run = new PublishingRun()
    await publish(run, published)
    const expected = published.flatMap(({ aggregateType, aggregateId, events }) =>
      events.map((event) => ({ aggregateType, aggregateId, ...event })),
    )
    for (const { aggregateType, aggregateId, type, data } of expected) {
      const came =
        run.arrived.find(({ headers }) => headers["event-type"] === type && headers["event-aggregate-id"] === aggregateId) ??
        run.arrived.find(({ body, channel }) => !difference(body, data) || channel === aggregateType)
      const event = code(`${aggregateId} ${type}`)
      run.judge(came ? undefined : { kind: "LOST", headline: words("{0:이/가} 오지 않았어요", "{0} did not come", event) })
      if (!came) continue
      const wanted = { "event-type": type, "event-aggregate-type": aggregateType, "event-aggregate-id": aggregateId }
      expectSame(came.channel, aggregateType, words("{0}의 채널", "the channel of {0}", event))
      for (const [name, value] of Object.entries(wanted)) {
        expectSame(came.headers[name], value, words("{0}의 {1} 헤더", "the header {1} of {0}", event, code(name)))
      }
      expectSame(came.body, data, words("{0}의 본문", "the body of {0}", event))
    }
    run.judge(tooMany(run.arrived.length, expected.length))
  })
})

test("[1] what happened to one aggregate keeps its order", async () => {
  const small = [
    [ofOrder("order-7", placed("order-7"), cancelled("order-7"))],
    [
      ofOrder("order-7", placed("order-7")),
      ofOrder("order-8", placed("order-8"), cancelled("order-8")),
      ofOrder("order-7", cancelled("order-7")),
    ],
  ]
  await explore({ small }, async (published) => {
    await using run = new PublishingRun()
    await publish(run, published)
    const sent = published.flatMap(({ aggregateId, events }) =>
      events.map(({ type }) => ({ message: `${aggregateId} ${type}`, key: aggregateId })),
    )
    run.judge(reordered(run.history, sent))
    for (const message of run.arrived) {
      const orderId = (message.body as { orderId?: string }).orderId ?? message.headers["event-aggregate-id"]
      expectSame(message.key, orderId, words("{0}의 키", "the key of {0}", code(nameOf(message))))
    }
  })
})

test("[1] a transaction that is rolled back has published nothing", async () => {
  await using run = new PublishingRun()
  const { process, database } = run.start()
  const publisher = publisherOf(database)
  try {
    database.transaction(() => {
      run.ignore(process, publisher.publish("Order", "order-7", [placed("order-7"), cancelled("order-7")]))
      throw new RangeError("This customer has no money.")
    })()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  run.tell(
    words(
      "{0:이/가} 이벤트 두 개를 발행하던 트랜잭션을 롤백해요",
      "{0} rolls back the transaction in which it published two events",
      orderService,
    ),
  )
  await run.arrives()
  run.judge(run.stuck(), untrue(run))
})

test("[1] events and rows are one commit, also when the process crashes, wherever that is", async () => {
  await everyCrash(async (effect) => {
    await using run = new PublishingRun()
    const { process, database } = run.start()
    const publisher = publisherOf(database)
    process.crashAtEffect(effect)
    const what = words(
      "{0:이/가} 트랜잭션에서 {1:을/를} 쓰고 이벤트 두 개를 발행해요",
      "{0} writes {1} and publishes two events, in a transaction",
      orderService,
      code("order-7"),
    )
    run.tell(what)
    process.run(() => {
      database.transaction(() => {
        database.prepare("INSERT INTO orders (id, cents, state) VALUES ('order-7', 1590, 'CANCELLED')").run()
        run.ignore(process, publisher.publish("Order", "order-7", [placed("order-7"), cancelled("order-7")]))
      })()
    })
    // What was begun and not waited for goes on in its own time: here the process is gone.
    if (process.alive) process.run(() => process.effect())
    await run.arrives()
    tellOrders(run)
    run.judge(run.stuck(), untrue(run), untold(run))
    return !process.alive
  })
})

function tooMany(got: number, expected: number): Finding | undefined {
  if (got <= expected) return undefined
  return {
    kind: "DUPLICATED",
    headline: words("이벤트 {0}개가 왔어요, 발행한 것은 {1}개", "{0} events came, and {1} were published", got, expected),
  }
}

type Request = { readonly place: string } | { readonly cancel: string }

/** The order service does what is asked, in this order; if it crashes, what it was doing is asked for once more. */
async function playRequests(requests: readonly Request[], crashAtEffect?: number): Promise<boolean> {
  await using run = new PublishingRun()
  let { process, database } = run.start()
  let publisher = publisherOf(database)
  const ask = (request: Request) => {
    const id = "place" in request ? request.place : request.cancel
    const sentence =
      "place" in request
        ? words("고객이 {0:을/를} 주문해요", "the customer places {0}", code(id))
        : words("고객이 {0:을/를} 취소해요", "the customer cancels {0}", code(id))
    run.tell(sentence)
    process.run(() => {
      const result: unknown =
        "place" in request ? work.placeOrder(database, publisher, { id, cents: 1_590 }) : work.cancelOrder(database, publisher, id)
      run.ignore(process, result)
    })
  }
  if (crashAtEffect !== undefined) process.crashAtEffect(crashAtEffect)
  const left = [...requests]
  while (process.alive && left.length > 0) {
    ask(left[0] as Request)
    if (process.alive) left.shift()
  }
  const crashed = !process.alive
  await run.arrives()
  tellOrders(run)
  run.judge(run.stuck(), untrue(run), untold(run))
  if (crashed) {
    ;({ process, database } = run.start())
    publisher = publisherOf(database)
    run.tell(words("{0:이/가} 다시 시작하고, 고객이 다시 요청해요", "{0} is started again, and the customer asks again", orderService))
    for (const request of left) ask(request)
    await run.arrives()
    tellOrders(run)
    run.judge(run.stuck(), untrue(run), untold(run))
  }
  expectRows(run, requests)
  return crashed
}

function expectRows(run: PublishingRun, requests: readonly Request[]): void {
  const expected = new Map<string, OrderRow>()
  for (const request of requests) {
    if ("place" in request) expected.set(request.place, expected.get(request.place) ?? { id: request.place, cents: 1_590, state: "PLACED" })
    else if (expected.has(request.cancel)) expected.set(request.cancel, { id: request.cancel, cents: 1_590, state: "CANCELLED" })
  }
  for (const row of expected.values()) {
    expectSame(
      orders(run).find(({ id }) => id === row.id),
      row,
      words("{0}의 행", "the row of {0}", code(row.id)),
    )
  }
  for (const { body, headers } of run.arrived) {
    const { orderId } = body as { orderId: string }
    const data = headers["event-type"] === "OrderPlaced" ? { orderId, cents: 1_590 } : { orderId }
    expectSame(body, data, words("{0}의 내용", "the data of {0}", code(nameOf({ body, headers }))))
  }
}

const order7: Request[] = [{ place: "order-7" }, { cancel: "order-7" }]

test("[2] an order and what is said of it are the same", async () => {
  const small = [
    [{ place: "order-7" }],
    order7,
    [{ place: "order-7" }, { place: "order-8" }, { cancel: "order-7" }],
    [{ place: "order-7" }, { place: "order-7" }],
    [{ cancel: "order-7" }],
    [...order7, { cancel: "order-7" }],
    [...order7, { place: "order-7" }],
  ]
  await explore({ small }, async (requests) => void (await playRequests(requests)))
})

test("[2] also when the process crashes, wherever that is", async () => {
  await everyCrash((effect) => playRequests(order7, effect))
})
