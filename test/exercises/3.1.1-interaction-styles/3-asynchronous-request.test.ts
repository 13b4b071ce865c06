import { test, vi } from "vitest"
import * as work from "#work/3.1.1-interaction-styles/3-asynchronous-request.ts"
import { pick, shuffled } from "../support/chance.ts"
import { everyCrash, explore } from "../support/explore.ts"
import type { Process } from "../support/process.ts"
import { type Asked, fromOrders, fromPhone, hear, kitchenAnswers, misheard, OrderTable, type Schedule, thinking } from "./answers.ts"
import { fullOnce } from "./full-disk.ts"
import { held, type Order, order, orderService, StyleRun, theKitchen } from "./services.ts"

/** Nothing takes longer where nobody crashes; after a crash the lease of what was in hand has to end first. */
const patienceMs = 20_000
const patienceAfterCrashMs = 90_000

test("[4] every request is answered where it asked to be", async () => {
  const small: Schedule[] = [
    { asked: [fromOrders(1)] },
    { asked: [fromPhone(2)] },
    { asked: [fromOrders(1), fromPhone(2)] },
    { asked: [fromOrders(2), fromPhone(1), fromOrders(3)] },
    { asked: [fromOrders(1)], notNow: ["order-1"] },
  ]
  const make = (random: () => number): Schedule => {
    const asked = shuffled(
      random,
      [1, 2, 3, 4, 5].map((number) => pick(random, [fromOrders, fromPhone])(number)),
    )
    return { asked, notNow: [pick(random, asked).order.id], ms: { "order-1": pick(random, [50, 400]) } }
  }
  await explore({ small, random: { count: 4, make } }, async ({ asked, ...pace }) => {
    await using run = new StyleRun(pace)
    const requesters = run.process(orderService)
    const heard = hear(run, requesters)
    await ask(requesters, asked)
    const kitchen = run.process(theKitchen)
    work.answerRequests(kitchen.broker, thinking(run, kitchen))
    await run.reaches(() => heard.length >= asked.length, patienceMs)
    await run.clock.advance(1_000)
    run.judge(...asked.map((each) => misheard(heard, each, requesters.broker)))
  })
})

test("[4] an answer that could not be sent is sent again", async () => {
  const asked = fromOrders(1)
  await using run = new StyleRun()
  const requesters = run.process(orderService)
  const heard = hear(run, requesters)
  await ask(requesters, [asked])
  const kitchen = run.process(theKitchen)
  work.answerRequests(fullOnce(run, kitchen.broker), thinking(run, kitchen))
  await run.reaches(() => heard.length > 0, patienceMs)
  run.judge(misheard(heard, asked, requesters.broker))
})

test("[4] the requests of a kitchen that crashes are answered all the same", async () => {
  await everyCrash(async (crashAtEffect) => {
    const asked = [fromOrders(1), fromPhone(2)]
    await using run = new StyleRun()
    const requesters = run.process(orderService)
    const heard = hear(run, requesters)
    await ask(requesters, asked)
    const first = run.process(theKitchen)
    first.crashAtEffect(crashAtEffect)
    first.run(() => void work.answerRequests(first.broker, thinking(run, first)))
    const answered = () => asked.every((each) => heard.some(({ answer }) => answer?.orderId === each.order.id))
    await run.reaches(() => answered() || !first.alive, patienceMs)
    if (!first.alive) run.tell(theKitchen, "started", {}, ["{0:이/가} 다시 시작해요", "{0} is started again"])
    const second = run.process(theKitchen)
    work.answerRequests(second.broker, thinking(run, second))
    await run.reaches(answered, patienceAfterCrashMs)
    // A second answer is to be had after a crash: whatever was in hand comes again.
    run.judge(...asked.map((each) => misheard(heard, each, requesters.broker)).filter((finding) => finding?.kind !== "DUPLICATED"))
    return !first.alive
  })
})

async function ask({ broker }: Process, asked: readonly Asked[]): Promise<void> {
  for (const { order, replyTo } of asked) {
    await broker.queue<Order>("kitchen-requests").send(order, { headers: { "reply-to": replyTo } })
  }
}

test("[5] the order service goes on while the kitchen thinks", async () => {
  await using run = new StyleRun({ ms: { "order-7": 400, "order-9": 400 } })
  const service = run.process(orderService)
  kitchenAnswers(run)
  work.takeAnswers(service.broker, new OrderTable(run).in(service))
  for (const each of [order(7), order(9)]) {
    const { afterMs } = await run.outcome(work.requestTicket(service.broker, each))
    run.judge(held(afterMs, "requestTicket()"))
  }
})

test("[5] every answer is written to its order", async () => {
  const small: Schedule[] = [
    { asked: [fromOrders(7)] },
    { asked: [fromOrders(7), fromOrders(8)] },
    { asked: [fromOrders(7), fromOrders(8)], ms: { "order-7": 400, "order-8": 50 } },
    { asked: [fromOrders(8), fromOrders(7), fromOrders(9)], ms: { "order-8": 400, "order-7": 200 } },
  ]
  await explore({ small }, async ({ asked, ...pace }) => {
    await using run = new StyleRun(pace)
    const service = run.process(orderService)
    const table = new OrderTable(run)
    kitchenAnswers(run)
    const { takeAnswers, requestTicket } = await freshlyLoaded()
    takeAnswers(service.broker, table.in(service))
    for (const each of asked) await run.outcome(requestTicket(service.broker, each.order))
    await run.reaches(() => table.written.length >= asked.length, patienceMs)
    await run.clock.advance(1_000)
    run.judge(...asked.map((each) => table.miswritten(each.order.id, service.broker, { once: true })))
  })
})

test("[5] an answer is written also if the order service has crashed meanwhile", async () => {
  await crashed(async (run, service) => {
    // While the kitchen thinks.
    await run.clock.advance(50)
    service.crash()
  })
  await everyCrash((crashAtEffect) =>
    crashed(
      (run, service, table) => run.reaches(() => table.written.length > 0 || !service.alive, patienceMs),
      (service) => service.crashAtEffect(crashAtEffect),
    ),
  )
})

/** The order service asks about one order, may crash, and is started again. Says whether it crashed. */
async function crashed(
  meanwhile: (run: StyleRun, service: Process, table: OrderTable) => Promise<unknown>,
  before: (service: Process) => void = () => {},
): Promise<boolean> {
  await using run = new StyleRun({ ms: { "order-7": 400 } })
  const table = new OrderTable(run)
  kitchenAnswers(run)
  const service = run.process(orderService)
  const first = await freshlyLoaded()
  before(service)
  service.run(() => void first.takeAnswers(service.broker, table.in(service)))
  const asking = run.watch(first.requestTicket(service.broker, order(7)))
  await run.reaches(() => asking.settled || !service.alive, patienceMs)
  if (service.alive && asking.error !== undefined) throw asking.error
  await meanwhile(run, service, table)
  const promised = asking.settled && asking.error === undefined
  const crashed = !service.alive
  if (crashed) run.tell(orderService, "started", {}, ["{0:이/가} 다시 시작해요", "{0} is started again"])
  const second = run.process(orderService)
  const restarted = await freshlyLoaded()
  restarted.takeAnswers(second.broker, table.in(second))
  await run.reaches(() => table.written.length > 0, promised ? patienceAfterCrashMs : 1_000)
  // Where it crashed before the request was sent for sure, nobody was promised anything.
  run.judge(promised ? table.miswritten(order(7).id, second.broker) : undefined)
  return crashed
}

/** The learner's module as another process has it: with nothing in its memory. */
function freshlyLoaded(): Promise<typeof work> {
  vi.resetModules()
  return import("#work/3.1.1-interaction-styles/3-asynchronous-request.ts")
}
