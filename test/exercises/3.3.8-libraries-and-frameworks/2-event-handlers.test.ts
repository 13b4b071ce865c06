import { test } from "vitest"
import type { Broker, Database, Message, PartitionedChannel } from "#waystation"
import * as work from "#work/3.3.8-libraries-and-frameworks/2-event-handlers.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import { outcomeOf } from "../support/outcome.ts"
import { difference, shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { KitchenRun, type Sending } from "./kitchen.ts"
import { expectSame, nameOf } from "./services.ts"

const headersOf = (orderId: string, type: string) => ({
  "event-type": type,
  "event-aggregate-type": "Order",
  "event-aggregate-id": orderId,
})

/** Events of one order are told apart by their number, so that two of a type are two messages. */
const sending = (orderId: string, type: string, headers: Record<string, string> = headersOf(orderId, type)): Sending => ({
  id: `${orderId}/${type}`,
  key: orderId,
  body: { orderId },
  headers,
})

const placed = (order: number) => sending(`order-${order}`, "OrderPlaced")
const cancelled = (order: number) => sending(`order-${order}`, "OrderCancelled")
const unknown = (order: number) => sending(`order-${order}`, "CourierAssigned")

const messageOf = ({ id, key, body, headers }: Sending): Message<unknown> => ({
  id,
  key,
  body,
  headers,
  channel: "Order",
  sentAt: 0,
  attempt: 1,
})
const asSent = (message: Sending): Words => words("헤더 {0}", "headers {0}", JSON.stringify(message.headers))

test("[3] the envelope holds what the headers and the body say", () => {
  for (const message of [placed(7), cancelled(8)]) {
    const expected = { aggregateType: "Order", aggregateId: message.key, type: message.headers["event-type"], data: message.body }
    const envelope = work.envelopeOf(messageOf(message))
    const wrong = difference(envelope, expected)
    if (!wrong) continue
    const headline = words(
      "봉투의 {0}: {1}, 맞는 값은 {2}",
      "{0} of the envelope is {1}, and should be {2}",
      code(wrong.path),
      shown(wrong.came),
      shown(wrong.expected),
    )
    throw new Wrong(headline, [asSent(message)])
  }
})

test("[3] a message that is no domain event is refused", () => {
  const whole = placed(7)
  for (const name of ["event-type", "event-aggregate-type", "event-aggregate-id"]) {
    const { [name]: _, ...headers } = whole.headers as Record<string, string>
    for (const rest of [headers, {}]) {
      const message = { ...whole, headers: rest }
      const outcome = outcomeOf(() => work.envelopeOf(messageOf(message)))
      if ("thrown" in outcome) continue
      const headline = words(
        "{0} 헤더가 없는데 예외를 던지지 않고 돌려준 값: {1}",
        "the header {0} is missing, and it returned {1} instead of throwing",
        code(name),
        shown(outcome.value),
      )
      throw new Wrong(headline, [asSent(message)])
    }
  }
})

interface Schedule {
  readonly sendings: readonly Sending[]
  readonly tickets: Readonly<Record<string, string>>
  readonly jams?: readonly string[]
  readonly dispatchers?: readonly string[]
  readonly crashAtEffect?: number
}

const dashboardTable = "CREATE TABLE seen (order_id TEXT NOT NULL, type TEXT NOT NULL) STRICT"

/** What the kitchen and, where it runs too, its dashboard do about events. */
function handlersOf(run: KitchenRun, dispatcher: string, database: Database): work.DomainEventHandlers {
  if (dispatcher === "dashboard") {
    const see = ({ aggregateId, type }: work.DomainEventEnvelope) => {
      database.prepare("INSERT INTO seen (order_id, type) VALUES (?, ?)").run(aggregateId, type)
    }
    return { OrderPlaced: see, OrderCancelled: see }
  }
  return {
    OrderPlaced: ({ aggregateId }) => run.print(database, aggregateId, "TO COOK"),
    OrderCancelled: ({ aggregateId }) => void database.prepare("UPDATE ticket SET state = 'CANCELLED' WHERE order_id = ?").run(aggregateId),
  }
}

const channelOf = (broker: Broker): PartitionedChannel<unknown> =>
  broker.partitioned<unknown>("Order", { partitions: 2, deduplicationMs: 0 })

async function send(run: KitchenRun, sendings: readonly Sending[]): Promise<void> {
  const channel = channelOf(run.sender)
  for (const message of sendings) {
    await run.until(channel.send(message.body, { id: message.id, key: message.key, headers: message.headers }))
    run.named(message)
  }
}

const groupsOf = (broker: Broker) => broker.inspect().partitioned.find(({ name }) => name === "Order")?.groups ?? []

function isIdle(broker: Broker): boolean {
  const groups = groupsOf(broker)
  return groups.length > 0 && groups.every(({ lag }) => lag === 0)
}

function expectGroups(run: KitchenRun, dispatchers: readonly string[]): void {
  const names = groupsOf(run.sender).map(({ name }) => name)
  expectSame(names.sort(), [...dispatchers].sort(), words("채널을 소비하는 그룹의 목록", "the list of the groups that consume the channel"))
}

async function play({ sendings, tickets, jams, dispatchers = ["kitchen"], crashAtEffect }: Schedule): Promise<boolean> {
  await using run = new KitchenRun(jams, dashboardTable)
  await send(run, sendings)
  const crashed = await run.serve({
    start: (broker, database) => {
      for (const dispatcher of dispatchers)
        work.startEventDispatcher(dispatcher, channelOf(broker), database, handlersOf(run, dispatcher, database))
    },
    idle: isIdle,
    crashAtEffect,
  })
  expectGroups(run, dispatchers)
  run.judge(run.wrongTickets(tickets), dispatchers.includes("dashboard") ? wronglySeen(run, sendings) : undefined)
  return crashed
}

function wronglySeen(run: KitchenRun, sendings: readonly Sending[]) {
  const names = [...new Set(sendings.map(nameOf))]
  const seen = run
    .rows<{ order_id: string; type: string }>("SELECT order_id, type FROM seen")
    .map(({ order_id, type }) => `${order_id} ${type}`)
  const name = names.find((one) => seen.filter((other) => other === one).length !== 1)
  if (name === undefined) return undefined
  const count = seen.filter((other) => other === name).length
  const headline = words(
    "현황판이 {0} 이벤트를 {1}번 봤어요, 맞는 값은 1번",
    "the dashboard has seen {0} {1} times, and should have once",
    code(name),
    count,
  )
  return { kind: count === 0 ? ("LOST" as const) : ("DUPLICATED" as const), headline }
}

const cooked = { "order-7": "TO COOK" }

test("[4] every event is handled once", async () => {
  const small: Schedule[] = [
    { sendings: [placed(7)], tickets: cooked },
    { sendings: [placed(7), placed(7)], tickets: cooked },
    { sendings: [placed(7), cancelled(7)], tickets: { "order-7": "CANCELLED" } },
    { sendings: [placed(7), placed(8), cancelled(7)], tickets: { "order-7": "CANCELLED", "order-8": "TO COOK" } },
  ]
  await explore({ small }, async (schedule) => void (await play(schedule)))
})

test("[4] an event whose handler throws comes again, with everything undone", async () => {
  await play({ sendings: [placed(7)], tickets: cooked, jams: ["order-7"] })
  await play({ sendings: [placed(7), cancelled(7)], tickets: { "order-7": "CANCELLED" }, jams: ["order-7"] })
})

test("[4] two dispatchers in one database each handle every event", async () => {
  await play({ sendings: [placed(7), cancelled(7)], tickets: { "order-7": "CANCELLED" }, dispatchers: ["kitchen", "dashboard"] })
})

test("[4] also when the process crashes, wherever that is", async () => {
  await everyCrash((crashAtEffect) => play({ sendings: [placed(7)], tickets: cooked, crashAtEffect }))
})

/** What the dispatcher throws is for the broker here, and told. */
async function serveStrangers(run: KitchenRun, sendings: readonly Sending[]): Promise<void> {
  await send(run, sendings)
  await run.serve({
    start: (broker, database) =>
      work.startEventDispatcher("kitchen", run.tolerant(channelOf(broker)), database, handlersOf(run, "kitchen", database)),
    idle: isIdle,
  })
  expectGroups(run, ["kitchen"])
}

const deadLetters = (run: KitchenRun) => channelOf(run.sender).deadLetters("kitchen").list()

test("[5] an event that nobody has a handler for holds nothing up", async () => {
  for (const sendings of [[unknown(7)], [unknown(7), placed(7)], [unknown(7), placed(7), cancelled(7)]]) {
    await using run = new KitchenRun()
    await serveStrangers(run, sendings)
    const [dead] = deadLetters(run)
    const headline = words(
      "{0}에는 핸들러가 없는데 처리가 끝나지 않고 데드 레터가 됐어요",
      "nobody has a handler for {0}, and it came to no end but as a dead letter",
      code("order-7 CourierAssigned"),
    )
    run.judge(dead ? { kind: "STUCK", headline } : undefined)
    run.judge(run.wrongTickets(sendings.length === 1 ? {} : sendings.length === 2 ? cooked : { "order-7": "CANCELLED" }))
  }
})

test("[5] what is no domain event ends as a dead letter, and the others are handled", async () => {
  for (const missing of ["event-type", "event-aggregate-type", "event-aggregate-id"]) {
    const { [missing]: _, ...headers } = headersOf("order-6", "OrderPlaced") as Record<string, string>
    const malformed = sending("order-6", "OrderPlaced", headers)
    await using run = new KitchenRun()
    await serveStrangers(run, [malformed, placed(7)])
    const dead = deadLetters(run).some(({ id }) => id === malformed.id)
    const headline = words(
      "{0} 헤더가 없는 메시지가 조용히 사라졌어요. 데드 레터에도 없어요",
      "a message without the header {0} has gone quietly, and is no dead letter",
      code(missing),
    )
    run.judge(dead ? undefined : { kind: "LOST", headline }, run.wrongTickets(cooked))
  }
})
