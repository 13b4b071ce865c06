import { test, vi } from "vitest"
import * as work from "#work/3.1.1-interaction-styles/5-publish-with-answers.ts"
import type { Finding } from "../support/anomaly.ts"
import { pick } from "../support/chance.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { type Asked, courierIn, fromOrders, fromPhone, hear, type Minutes, misheard, type Offer } from "./couriers.ts"
import { courierNamed, orderService, StyleRun, shown, type Watched } from "./services.ts"

const patienceMs = 20_000
const patienceAfterCrashMs = 90_000
const windowMs = 1_000

interface Schedule {
  readonly minutes: Minutes
  readonly asked: readonly Asked[]
  readonly notNow?: readonly string[]
}

const minutes: Minutes = {
  A: { "order-7": 12, "order-8": 9 },
  B: { "order-7": 7, "order-8": 15 },
  C: { "order-8": 20 },
}

test("[8] every courier that wants to makes its offer to whoever asked", async () => {
  const small: Schedule[] = [
    { minutes: { A: { "order-7": 12 } }, asked: [fromOrders("order-7")] },
    { minutes: { A: { "order-7": 12 }, B: { "order-7": 7 } }, asked: [fromOrders("order-7")] },
    { minutes: { A: {} }, asked: [fromOrders("order-7")] },
    { minutes: { A: { "order-7": 12 } }, asked: [fromPhone("order-7")] },
    { minutes, asked: [fromOrders("order-7"), fromPhone("order-8")] },
    { minutes: { A: { "order-7": 12 } }, asked: [fromOrders("order-7")], notNow: ["order-7"] },
  ]
  const make = (random: () => number): Schedule => ({
    minutes,
    asked: ["order-7", "order-8"].map((orderId) => pick(random, [fromOrders, fromPhone])(orderId)),
    notNow: [`${courierNamed(pick(random, ["A", "B"])).en} order-8`],
  })
  await explore({ small, random: { count: 3, make } }, async ({ minutes, asked, ...pace }) => {
    await using run = new StyleRun(pace, { quiet: true })
    for (const name of Object.keys(minutes)) {
      const process = run.process(courierNamed(name))
      work.joinCourier(process.broker, courierIn(run, name, minutes, process))
    }
    const requesters = run.process(orderService)
    const heard = hear(run, requesters)
    await ask(run, requesters, asked)
    await run.reaches(() => false, 5_000)
    run.judge(...asked.map((each) => misheard(heard, minutes, each, { run, broker: requesters.broker })))
  })
})

test("[8] the offer of a courier whose process crashes comes all the same", async () => {
  await everyCrash(async (crashAtEffect) => {
    await using run = new StyleRun({}, { quiet: true })
    const first = run.process(courierNamed("B"))
    work.joinCourier(first.broker, courierIn(run, "B", minutes, first))
    await run.clock.advance(100)
    first.crashAtEffect(crashAtEffect)
    const requesters = run.process(orderService)
    const heard = hear(run, requesters)
    const asked = fromOrders("order-7")
    await ask(run, requesters, [asked])
    await run.reaches(() => heard.length > 0 || !first.alive, patienceMs)
    await run.clock.advance(100)
    if (!first.alive) run.tell(courierNamed("B"), "started", {}, ["{0:이/가} 다시 시작해요", "{0} is started again"])
    const second = run.process(courierNamed("B"))
    work.joinCourier(second.broker, courierIn(run, "B", minutes, second))
    await run.reaches(() => heard.length > 0, patienceAfterCrashMs)
    const only: Minutes = { B: minutes.B ?? {} }
    // A second offer is to be had after a crash.
    run.judge([misheard(heard, only, asked, { run, broker: requesters.broker })].find((finding) => finding?.kind !== "DUPLICATED"))
    return !first.alive
  })
})

async function ask(run: StyleRun, { broker }: Process, asked: readonly Asked[]): Promise<void> {
  for (const { who, orderId, replyTo } of asked) {
    await broker.topic<{ orderId: string }>("delivery-requests").publish({ orderId }, { headers: { "reply-to": replyTo } })
    run.tell(who, "asked", { message: orderId, key: orderId }, asks, code(orderId), code(replyTo))
  }
}

const asks = ["{0:이/가} {1:을/를} 물어요. `reply-to`는 {2}", "{0} asks about {1}, with `reply-to` {2}"] as const

/** Of the couriers, in how many minutes each could come, and how long each takes to say so. */
interface Market {
  readonly minutes: Minutes
  readonly thinksMs: Readonly<Record<string, number>>
  /** When which order is asked about. */
  readonly asked: readonly { readonly orderId: string; readonly atMs: number }[]
}

test("[9] the best offer of the window is taken, and none of another order", async () => {
  const both = { A: { "order-7": 12 }, B: { "order-7": 7 } }
  const now = (...orders: string[]) => orders.map((orderId) => ({ orderId, atMs: 0 }))
  const small: Market[] = [
    { minutes: { A: { "order-7": 12 } }, thinksMs: {}, asked: now("order-7") },
    { minutes: both, thinksMs: { A: 100, B: 500 }, asked: now("order-7") },
    { minutes: both, thinksMs: { A: 500, B: 100 }, asked: now("order-7") },
    { minutes, thinksMs: { A: 100, B: 200, C: 300 }, asked: now("order-7", "order-8") },
    {
      minutes: { A: { "order-7": 12, "order-8": 9 } },
      thinksMs: { A: 100 },
      asked: [...now("order-7"), { orderId: "order-8", atMs: 400 }],
    },
    {
      minutes: { A: { "order-7": 5, "order-8": 30 } },
      thinksMs: { A: 300 },
      asked: [...now("order-7"), { orderId: "order-8", atMs: 1_500 }],
    },
  ]
  await explore({ small }, trade)
})

test("[9] it is over after the window, whoever has answered", async () => {
  const asked = [{ orderId: "order-7", atMs: 0 }]
  const small: Market[] = [
    { minutes: {}, thinksMs: {}, asked },
    { minutes: { A: {}, B: {} }, thinksMs: {}, asked },
    { minutes: { A: { "order-7": 12 }, C: {} }, thinksMs: {}, asked },
    { minutes: { A: { "order-7": 12 }, B: { "order-7": 7 } }, thinksMs: { A: 100, B: 1_600 }, asked },
    {
      minutes: { B: { "order-7": 7 } },
      thinksMs: { B: 1_600 },
      asked: [...asked, { orderId: "order-8", atMs: 1_500 }],
    },
  ]
  await explore({ small }, trade)
})

async function trade({ minutes, thinksMs, asked }: Market): Promise<void> {
  await using run = new StyleRun({}, { quiet: true })
  for (const name of Object.keys(minutes)) answering(run, { name, minutes, thinksMs: thinksMs[name] ?? 100 })
  const service = run.process(orderService)
  const { askCouriers } = await freshlyLoaded()
  const askFor = askCouriers(service.broker, (ms) => service.sleep(ms))
  const waiting: { orderId: string; watched: Watched<Offer | undefined> }[] = []
  for (const { orderId, atMs } of asked) {
    await run.clock.advance(Math.max(0, atMs - run.history.now))
    run.tell(orderService, "asked", { message: orderId, key: orderId }, ["{0:이/가} {1:을/를} 물어요", "{0} asks about {1}"], code(orderId))
    waiting.push({ orderId, watched: run.watch(askFor(orderId)) })
  }
  await run.reaches(() => waiting.every(({ watched }) => watched.settled), patienceMs)
  for (const { watched } of waiting) if (watched.error !== undefined) throw watched.error
  run.judge(...waiting.map(({ orderId, watched }) => misjudged(orderId, watched, { minutes, thinksMs })))
}

/** The learner's module as another process has it: with nothing in its memory. */
function freshlyLoaded(): Promise<typeof work> {
  vi.resetModules()
  return import("#work/3.1.1-interaction-styles/5-publish-with-answers.ts")
}

/** A courier as it should be. */
function answering(run: StyleRun, { name, minutes, thinksMs }: { name: string; minutes: Minutes; thinksMs: number }): void {
  const process = run.process(courierNamed(name))
  const topic = process.broker.topic<{ orderId: string }>("delivery-requests")
  const think = async (orderId: string, replyTo: string | undefined) => {
    await process.sleep(thinksMs)
    const said = minutes[name]?.[orderId]
    const about = { message: orderId, key: orderId }
    const sentence = [
      "{0:이/가} {1}에 {2}분을 제안해요 (물은 지 {3}ms)",
      "{0} offers {2} minutes for {1} ({3} ms after it was asked)",
    ] as const
    if (said === undefined) return
    run.tell(courierNamed(name), "offered", about, sentence, code(orderId), said, thinksMs)
    if (replyTo) await process.broker.queue<Offer>(replyTo).send({ orderId, courier: name, minutes: said })
    else run.tell(courierNamed(name), "unanswerable", about, unanswerable)
  }
  topic.subscribe(name, ({ body, headers }) => think(body.orderId, headers["reply-to"]), { concurrency: 5 })
}

const unanswerable = [
  "{0:은/는} 제안을 어디로 보낼지 몰라요. `reply-to` 헤더가 없어요",
  "{0} does not know where to send its offer: there is no header `reply-to`",
] as const

function misjudged(
  orderId: string,
  { settled, afterMs = 0, value }: Watched<Offer | undefined>,
  { minutes, thinksMs }: Pick<Market, "minutes" | "thinksMs">,
): Finding | undefined {
  const keys = [orderId]
  if (!settled || afterMs > windowMs + 100) {
    const headline = settled
      ? words(
          "{0:을/를} 물은 지 {1}ms 뒤에야 끝나요. 1,000ms면 끝나야 해요",
          "asking about {0} takes {1} ms, and 1,000 ms are allowed",
          code(orderId),
          afterMs,
        )
      : words(
          "{0:을/를} 물은 것이 끝나지 않아요. 1,000ms면 끝나야 해요",
          "asking about {0} comes to no end, and 1,000 ms are allowed",
          code(orderId),
        )
    return { kind: "STUCK", headline, keys }
  }
  const inTime = Object.keys(minutes).filter((name) => minutes[name]?.[orderId] !== undefined && (thinksMs[name] ?? 100) < windowMs)
  const [best] = inTime
    .map((courier): Offer => ({ orderId, courier, minutes: minutes[courier]?.[orderId] ?? 0 }))
    .sort((one, other) => one.minutes - other.minutes)
  if (value?.orderId === best?.orderId && value?.courier === best?.courier && value?.minutes === best?.minutes) return undefined
  const note = words("1초 안에 온 가장 빠른 제안은 {0:이에요/예요}", "the best offer that came within the second: {0}", shown(best))
  if (value && (value.orderId !== orderId || !best)) {
    const headline = words(
      "{0:을/를} 물었는데 이 제안을 골라요: {1}",
      "it was asked about {0}, and takes this offer: {1}",
      code(orderId),
      shown(value),
    )
    return { kind: "PHANTOM", headline, note }
  }
  const headline = words(
    "{0}의 가장 좋은 제안이 버려지고 {1:이/가} 남아요",
    "the best offer for {0} is lost: what remains is {1}",
    code(orderId),
    shown(value),
  )
  return { kind: "LOST", headline, note }
}
