import { test } from "vitest"
import type { Broker } from "#waystation"
import * as work from "#work/3.1.1-interaction-styles/4-notification-and-publishing.ts"
import type { Finding } from "../support/anomaly.ts"
import { pick } from "../support/chance.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { courierNamed, held, missed, type Order, order, orderService, type Pace, StyleRun } from "./services.ts"

const patienceMs = 20_000
const patienceAfterCrashMs = 90_000

/** Who hears of the orders: each has its name in the learner's language. */
type Audience = Readonly<Record<string, Words>>

const couriers: Audience = { A: courierNamed("A"), B: courierNamed("B") }
const services: Audience = {
  kitchen: { ko: "주방", en: "the kitchen" },
  accounting: { ko: "회계", en: "accounting" },
  loyalty: { ko: "포인트 서비스", en: "the loyalty service" },
}

/** Those who work in this process. */
function staff(run: StyleRun, audience: Audience, process: Process): work.Service[] {
  return Object.entries(audience).map(([name, who]) => ({ name, handle: ({ id }) => run.finishes(who, process, id) }))
}

interface Schedule extends Pace {
  readonly orders: readonly Order[]
}

/** The order service sends; it may come before anybody listens. */
async function sendAll(run: StyleRun, send: Send, broker: Broker, orders: readonly Order[]): Promise<void> {
  for (const each of orders) {
    const { afterMs } = await run.outcome(send.function(broker, each))
    run.judge(held(afterMs, send.name))
  }
}

interface Send {
  readonly name: string
  readonly function: (broker: Broker, order: Order) => Promise<void>
}

const notify: Send = { name: "notifyCouriers()", function: (broker, each) => work.notifyCouriers(broker, each) }
const publish: Send = { name: "publishCreated()", function: (broker, each) => work.publishCreated(broker, each) }

const one = [order(7)]
const two = [order(7), order(8)]
const four = [1, 2, 3, 4].map(order)

test("[6] one of the couriers fetches the order, also if they come later", async () => {
  const small: (Schedule & { later: boolean })[] = [
    { orders: one, later: false },
    { orders: one, later: true },
    { orders: four, later: false, ms: { "order-1": 400 } },
    { orders: one, later: false, notNow: ["order-7"] },
  ]
  await explore({ small }, async ({ orders, later, ...pace }) => {
    await using run = new StyleRun(pace)
    const process = run.process({ ko: "라이더 앱", en: "the couriers' app" })
    const start = () => work.startCouriers(process.broker, staff(run, couriers, process))
    if (!later) start()
    await sendAll(run, notify, run.process(orderService).broker, orders)
    if (later) {
      run.tell({ ko: "라이더들", en: "the couriers" }, "started", {}, ["{0:이/가} 출근해요", "{0} come to work"])
      start()
    }
    await run.reaches(() => orders.every(({ id }) => run.history.of("finished").some((step) => step.message === id)), patienceMs)
    await run.clock.advance(1_000)
    run.judge(...orders.map(({ id }) => fetched(run, id, process.broker)))
  })
})

function fetched(run: StyleRun, id: string, broker: Broker): Finding | undefined {
  const [first, second] = run.history.of("finished").filter((step) => step.message === id)
  if (!first) {
    return missed(broker, { headline: words("{0:을/를} 가지러 가는 라이더가 없어요", "no courier ever fetches {0}", code(id)), keys: [id] })
  }
  if (!second) return undefined
  const headline = words("{0:을/를} 가지러 두 번 가요", "{0} is fetched twice", code(id))
  return { kind: "DUPLICATED", headline, keys: [id], until: second }
}

test("[6] once the promise is fulfilled, the notice survives a crash of the order service", async () => {
  await everyCrash((crashAtEffect) =>
    crashing(crashAtEffect, notify, {
      listen: (run, process) => work.startCouriers(process.broker, staff(run, couriers, process)),
      judged: (run, broker) => [fetched(run, order(7).id, broker)],
    }),
  )
})

/** The order service crashes at an effect of its sending. What it was promised has to come all the same. */
async function crashing(
  crashAtEffect: number,
  send: Send,
  {
    listen,
    judged,
  }: { listen: (run: StyleRun, process: Process) => unknown; judged: (run: StyleRun, broker: Broker) => (Finding | undefined)[] },
): Promise<boolean> {
  await using run = new StyleRun()
  const listeners = run.process({ ko: "다른 서비스들", en: "the other services" })
  listen(run, listeners)
  await run.clock.advance(100)
  const sender = run.process(orderService)
  sender.crashAtEffect(crashAtEffect)
  const promise = send.function(sender.broker, order(7))
  const sentence = ["{0}의 {1} 프로미스가 이행돼요", "{0} sees the promise of {1} fulfilled"] as const
  promise.then(
    () => void run.tell(orderService, "promised", {}, sentence, code(send.name)),
    () => {},
  )
  const sending = run.watch(promise)
  await run.reaches(() => sending.settled || !sender.alive, patienceMs)
  if (sender.alive && sending.error !== undefined) throw sending.error
  const promised = sending.settled && sending.error === undefined
  const findings = () => judged(run, listeners.broker)
  await run.reaches(() => findings().every((finding) => finding === undefined) || !sender.alive, 2_000)
  await run.clock.advance(1_000)
  run.judge(...(promised ? findings() : []))
  return !sender.alive
}

const heardBy = (run: StyleRun, service: string, id: string) =>
  run.history.of("finished").filter((step) => step.message === id && step.process === services[service]?.en)

/** Every service has done its part, and, unless somebody crashed, once. */
function heard(run: StyleRun, orders: readonly Order[], broker: Broker, { once = false } = {}): (Finding | undefined)[] {
  return orders.flatMap(({ id }) =>
    Object.entries(services).map(([service, who]): Finding | undefined => {
      const [first, second] = heardBy(run, service, id)
      const keys = [id]
      if (!first) {
        const headline = words("{0:은/는} {1:을/를} 끝내 처리하지 않아요", "{0} never does its part for {1}", who, code(id))
        const began = run.history.of("begun").some((step) => step.message === id && step.process === who.en)
        const note = began
          ? words("한 번 실패한 뒤로 다시 받지 못했어요", "it could not at first, and did not get the order again")
          : words("{0:은/는} {1:을/를} 받은 적도 없어요", "{0} was never given {1}", who, code(id))
        return missed(broker, { headline, note, keys })
      }
      if (!once || !second) return undefined
      const headline = words("{0:이/가} {1:을/를} 두 번 처리해요", "{0} does its part for {1} twice", who, code(id))
      return { kind: "DUPLICATED", headline, keys, until: second }
    }),
  )
}

const everyoneHeard = (run: StyleRun, orders: readonly Order[]) =>
  orders.every(({ id }) => Object.keys(services).every((service) => heardBy(run, service, id).length > 0))

test("[7] every service hears of every order, once", async () => {
  const small: Schedule[] = [
    { orders: one },
    { orders: two },
    { orders: one, notNow: ["the kitchen order-7"] },
    { orders: one, notNow: ["accounting order-7"] },
    { orders: two, notNow: ["the loyalty service order-8"] },
  ]
  const make = (random: () => number): Schedule => ({
    orders: four,
    notNow: [`${pick(random, Object.values(services)).en} ${pick(random, four).id}`],
    ms: Object.fromEntries(four.map(({ id }) => [id, pick(random, [50, 400])])),
  })
  await explore({ small, random: { count: 4, make } }, async ({ orders, ...pace }) => {
    await using run = new StyleRun(pace)
    const process = run.process({ ko: "다른 서비스들", en: "the other services" })
    work.subscribeAll(process.broker, staff(run, services, process))
    await sendAll(run, publish, run.process(orderService).broker, orders)
    await run.reaches(() => everyoneHeard(run, orders), patienceMs)
    await run.clock.advance(1_000)
    run.judge(...heard(run, orders, process.broker, { once: true }))
  })
})

test("[7] no service waits for another", async () => {
  await using run = new StyleRun({ ms: { "order-7": 400 } })
  const process = run.process({ ko: "다른 서비스들", en: "the other services" })
  work.subscribeAll(process.broker, staff(run, services, process))
  await sendAll(run, publish, run.process(orderService).broker, one)
  await run.reaches(() => everyoneHeard(run, one), patienceMs)
  const [first, ...others] = run.history.of("begun")
  const late = others.find((step) => first && step.process !== first.process && step.at - first.at >= 400)
  if (!late?.who || !first?.who) return run.judge(...heard(run, one, process.broker))
  const headline = words("{0:은/는} {1:이/가} 끝내기를 기다렸다가 시작해요", "{0} has to wait until {1} is done", late.who, first.who)
  run.judge({ kind: "STUCK", headline, until: late })
})

test("[7] a service that crashes misses nothing", async () => {
  await everyCrash(async (crashAtEffect) => {
    await using run = new StyleRun()
    const together: Words = { ko: "서비스들의 프로세스", en: "the process of the services" }
    const first = run.process(together)
    first.run(() => void work.subscribeAll(first.broker, staff(run, services, first)))
    await run.clock.advance(100)
    first.crashAtEffect(crashAtEffect)
    await sendAll(run, publish, run.process(orderService).broker, one)
    await run.reaches(() => everyoneHeard(run, one) || !first.alive, patienceMs)
    const second = run.process(together)
    if (!first.alive) run.tell(together, "started", {}, ["{0:이/가} 다시 시작해요", "{0} is started again"])
    work.subscribeAll(second.broker, staff(run, services, second))
    await run.reaches(() => everyoneHeard(run, one), patienceAfterCrashMs)
    run.judge(...heard(run, one, second.broker))
    return !first.alive
  })
})

test("[7] once the promise is fulfilled, the event survives a crash of the order service", async () => {
  await everyCrash((crashAtEffect) =>
    crashing(crashAtEffect, publish, {
      listen: (run, process) => work.subscribeAll(process.broker, staff(run, services, process)),
      judged: (run, broker) => heard(run, one, broker),
    }),
  )
})
