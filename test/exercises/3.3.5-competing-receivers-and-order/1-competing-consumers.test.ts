import { test } from "vitest"
import { openOrders, overtaken, sendOrder, startKitchens } from "#work/3.3.5-competing-receivers-and-order/1-competing-consumers.ts"
import { Anomaly, failure } from "../support/anomaly.ts"
import { pick, seed, seeded, shuffled } from "../support/chance.ts"
import { duplicated, idle, phantom, reordered, swallowed, unfinished } from "../support/checks.ts"
import { combinations, everyCrash, explore } from "../support/explore.ts"
import type { History } from "../support/history.ts"
import { code, words } from "../support/language.ts"
import { KitchenRun, kitchenNamed, named, type OrderEvent, orderEvent, orderService, type Pace } from "./kitchens.ts"

const fast = 50
const slow = 400

test("[1] the kitchens share the work", async () => {
  await explore({ small: [2, 3] }, async (count) => {
    const events = Array.from({ length: count * 2 }, (_, index) => orderEvent(index + 1, "created"))
    // One long job: whoever deals the events out in turn lets others wait behind it.
    await using run = new KitchenRun({ ms: { "order-1 created": slow } })
    const process = run.process(orderService)
    const orders = process.broker.queue<OrderEvent>("orders")
    for (const event of events) await orders.send(event)
    startKitchens(orders, run.kitchens(count, process))
    await run.works(events)
    const sent = events.map(named)
    run.judge(phantom(run.history, sent), duplicated(run.history), unfinished(run.history, sent, process.broker), idle(run.history, sent))
  })
})

test("[1] an event that a kitchen refuses comes back", async () => {
  const events = [orderEvent(1, "created"), orderEvent(2, "created")]
  await using run = new KitchenRun({ ms: {}, refused: ["order-1 created"] })
  const process = run.process(orderService)
  const orders = process.broker.queue<OrderEvent>("orders")
  for (const event of events) await orders.send(event)
  startKitchens(orders, run.kitchens(2, process))
  await run.works(events)
  const sent = events.map(named)
  run.judge(swallowed(run.history, sent, process.broker), duplicated(run.history), unfinished(run.history, sent, process.broker))
})

test("[1] the events of a kitchen that crashes come back", async () => {
  await everyCrash(async (crashAtEffect) => {
    const events = [orderEvent(1, "created"), orderEvent(2, "created")]
    await using run = new KitchenRun({ ms: {} })
    const store = run.process(orderService)
    for (const event of events) await store.broker.queue<OrderEvent>("orders").send(event)
    const [a, b] = [run.process(kitchenNamed("A")), run.process(kitchenNamed("B"))]
    const queueOfA = a.broker.queue<OrderEvent>("orders")
    a.crashAtEffect(crashAtEffect)
    a.run(() => startKitchens(queueOfA, [run.kitchen("A", a)]))
    startKitchens(b.broker.queue("orders"), [run.kitchen("B", b)])
    await run.works(events)
    const sent = events.map(named)
    run.judge(phantom(run.history, sent), unfinished(run.history, sent, store.broker))
    return !a.alive
  })
})

test("[2] overtaken() names the orders that were overtaken, and no other", async () => {
  const [created, changed, cancelled] = [orderEvent(7, "created"), orderEvent(7, "changed"), orderEvent(7, "cancelled")]
  const [other, otherChanged] = [orderEvent(8, "created"), orderEvent(8, "changed")]
  const small = [
    { sent: [created, cancelled], finished: [created, cancelled] },
    { sent: [created, cancelled], finished: [cancelled, created] },
    { sent: [created, other], finished: [other, created] },
    { sent: [created, changed, cancelled], finished: [created, cancelled, changed] },
    { sent: [created, other, cancelled, otherChanged], finished: [other, created, otherChanged, cancelled] },
    { sent: [created, other, cancelled, otherChanged], finished: [cancelled, otherChanged, created, other] },
  ]
  const random = seeded(seed())
  for (let count = 0; count < 10; count++) {
    const sent = shuffled(random, [created, changed, cancelled, other, otherChanged])
    small.push({ sent, finished: shuffled(random, sent) })
  }
  await explore({ small }, async ({ sent, finished }) => checkOvertaken(sent, finished))
})

test("[2] overtaken() sees what happened to the orders of two real kitchens", async () => {
  const events = [orderEvent(7, "created"), orderEvent(8, "created"), orderEvent(7, "cancelled"), orderEvent(8, "cancelled")]
  await using run = new KitchenRun({
    ms: { "order-7 created": slow, "order-8 created": fast, "order-7 cancelled": fast, "order-8 cancelled": fast },
  })
  const process = run.process(orderService)
  const orders = process.broker.queue<OrderEvent>("orders")
  for (const event of events) await orders.send(event)
  for (const kitchen of run.kitchens(2, process)) orders.consume((message) => kitchen.handle(message.body))
  await run.works(events)
  const finished = run.history.of("finished").map((step) => events.find((event) => named(event).message === step.message) as OrderEvent)
  checkOvertaken(events, finished, run.history)
})

interface Schedule extends Pace {
  readonly kitchens: number
  readonly events: readonly OrderEvent[]
}

test("[3] the events of one order keep their order", async () => {
  const one = [orderEvent(7, "created"), orderEvent(7, "cancelled")]
  const two = [orderEvent(7, "created"), orderEvent(8, "created"), orderEvent(7, "cancelled"), orderEvent(8, "cancelled")]
  const schedule = (events: readonly OrderEvent[], ms: readonly number[], kitchens: number, refused: readonly string[] = []): Schedule => ({
    events,
    kitchens,
    refused,
    ms: Object.fromEntries(events.map((event, index) => [named(event).message, ms[index] ?? fast])),
  })
  const small = [
    ...combinations([slow, fast], [slow, fast]).map((ms) => schedule(one, ms, 2)),
    ...combinations([slow, fast], [slow, fast]).map((ms) => schedule(one, ms, 2, ["order-7 created"])),
    ...combinations([slow, fast], [slow, fast], [slow, fast], [slow, fast]).map((ms) => schedule(two, ms, 3)),
  ]
  const make = (random: () => number) => {
    const events = [1, 2, 3].flatMap((order) => [
      orderEvent(order, "created"),
      orderEvent(order, "changed"),
      orderEvent(order, "cancelled"),
    ])
    const turns = shuffled(
      random,
      events.map(({ orderId }) => orderId),
    )
    const inTurn = turns.map(
      (orderId, turn) =>
        events.filter((event) => event.orderId === orderId)[turns.slice(0, turn).filter((id) => id === orderId).length] as OrderEvent,
    )
    return schedule(
      inTurn,
      inTurn.map(() => pick(random, [fast, slow])),
      3,
      [named(pick(random, events)).message],
    )
  }
  await explore({ small, random: { count: 8, make } }, (schedule) => checkOrder(schedule))
})

test("[3] the orders do not wait for each other", async () => {
  const different = [orderEvent(1, "created"), orderEvent(2, "created"), orderEvent(3, "created")]
  const mixed = [orderEvent(7, "created"), orderEvent(7, "cancelled"), orderEvent(8, "created"), orderEvent(9, "created")]
  await explore({ small: [different, mixed].map((events) => ({ events, kitchens: 2, ms: {} })) }, (schedule) =>
    checkOrder(schedule, { idle: true }),
  )
})

async function checkOrder(schedule: Schedule, options: { idle?: boolean } = {}): Promise<void> {
  await using run = new KitchenRun(schedule)
  const process = run.process(orderService)
  const orders = openOrders(process.broker)
  for (const event of schedule.events) await sendOrder(orders, event)
  startKitchens(orders, run.kitchens(schedule.kitchens, process))
  await run.works(schedule.events)
  const sent = schedule.events.map(named)
  const { history } = run
  run.judge(
    phantom(history, sent),
    swallowed(history, sent, process.broker),
    reordered(history, sent),
    duplicated(history),
    unfinished(history, sent, process.broker),
    options.idle ? idle(history, sent) : undefined,
  )
}

/** What the learner's function says of these events must be what is so. */
function checkOvertaken(sent: readonly OrderEvent[], finished: readonly OrderEvent[], history?: History): void {
  const said = new Set(overtaken(sent, finished))
  const name = (event: OrderEvent) => code(named(event).message)
  const wasOvertaken = (id: string) =>
    sent.some(
      (event, index) =>
        event.orderId === id &&
        sent.slice(index + 1).some((later) => later.orderId === id && finished.indexOf(later) < finished.indexOf(event)),
    )
  for (const id of new Set([...sent.map(({ orderId }) => orderId), ...said])) {
    if (wasOvertaken(id) === said.has(id)) continue
    const headline = said.has(id)
      ? words(
          "overtaken()이 {0:을/를} 지목했지만, 그 주문의 이벤트는 보낸 순서대로 끝났어요",
          "overtaken() names {0}, whose events were finished in the order in which they were sent",
          code(id),
        )
      : words(
          "{0}의 이벤트가 추월당했는데 overtaken()이 알아채지 못해요",
          "events of {0} were overtaken, and overtaken() does not see it",
          code(id),
        )
    const kind = said.has(id) ? "PHANTOM" : "REORDERED"
    if (history) throw new Anomaly({ kind, headline, keys: [id] }, history)
    throw failure(kind, headline, [
      ...sent.map((event) => words("주문 서비스가 {0:을/를} 보내요", "the order service sends {0}", name(event))),
      ...finished.map((event) => words("{0:이/가} 끝나요", "{0} is finished", name(event))),
    ])
  }
}
