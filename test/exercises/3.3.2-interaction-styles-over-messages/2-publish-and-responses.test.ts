import { test } from "vitest"
import * as work from "#work/3.3.2-interaction-styles-over-messages/2-publish-and-responses.ts"
import type { Finding } from "../support/anomaly.ts"
import { everyCrash } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { Station } from "../support/station.ts"
import { watched } from "../support/story.ts"
import { tell, tellDeliveries } from "./telling.ts"

const dispatch: Words = { ko: "배차 서비스", en: "the dispatch service" }
const courierNamed = (name: string): Words => ({ ko: `배달원 ${name}`, en: `courier ${name}` })
const naming = { name: (body: unknown) => ({ message: (body as { orderId: string }).orderId }) }

/** Publishes as the learner's dispatch would, and gives the offers that come. */
async function playCouriers(couriers: readonly string[], crashAtEffect?: number): Promise<boolean> {
  await using run = new Station(naming, { leaseMs: 1_000 })
  const first = run.process(courierNamed(couriers[0] ?? ""))
  const join = (process: Process, courier: string) => work.joinCourier(process.broker, courier, 10)
  for (const courier of couriers.slice(1)) join(run.process(courierNamed(courier)), courier)
  const news: Words = { ko: "소식", en: "the news" }
  tellDeliveries(run, first, news)
  // So that it is there before the order, and hears of it also after a crash.
  await run.until(join(first, couriers[0] ?? "").stop())
  const { broker } = run.process(dispatch)
  await run.until(broker.topic("orders-ready").publish({ orderId: "order-7" }, { headers: { "reply-to": "offers" } }))
  tell(run, words("{0:이/가} {1:을/를} 알려요", "{0} announces {1}", dispatch, code("order-7")))
  if (crashAtEffect !== undefined) first.crashAtEffect(crashAtEffect)
  first.run(() => void join(first, couriers[0] ?? ""))
  await run.clock.advance(2_000)
  if (!first.alive) {
    const again = run.process(courierNamed(couriers[0] ?? ""))
    tell(run, words("{0:이/가} 다시 시작해요", "{0} is started again", again.who))
    tellDeliveries(run, again, news)
    join(again, couriers[0] ?? "")
  }
  await run.clock.advance(5_000)
  const offers = broker.queue<work.Offer>("offers").receive({ max: 100 })
  for (const { body } of offers) tell(run, words("{0}의 제안이 와 있어요", "there is an offer of {0}", courierNamed(body.courier)))
  const silent = couriers.find((courier) => !offers.some(({ body }) => body.courier === courier && body.orderId === "order-7"))
  const headline = words("{0}의 제안이 없어요", "there is no offer of {0}", courierNamed(silent ?? ""))
  run.judge(silent === undefined ? undefined : { kind: "LOST", headline })
  return !first.alive
}

test("[4] every courier hears of every order, and answers", async () => {
  await playCouriers(["A"])
  await playCouriers(["A", "B", "C"])
})

test("[4] also when a courier's process crashes, wherever that is", async () => {
  await everyCrash((effect) => playCouriers(["A"], effect))
})

/** How a courier of the test's own answers: after how long, how often, how fast it would be, and for which order. */
interface Reply {
  readonly courier: string
  readonly afterMs: number
  readonly minutes: number
  readonly orderId?: string
}

async function playCollecting(replies: readonly Reply[], expected: { couriers: readonly string[]; atMs: number }): Promise<void> {
  await using run = new Station(naming, { leaseMs: 1_000 })
  const couriers = run.process({ ko: "배달원들", en: "the couriers" }).broker
  couriers.topic<work.OrderReady>("orders-ready").subscribe("all of them", ({ body, headers }) => {
    tell(run, words("{0:이/가} {1:을/를} 알려요", "{0} announces {1}", dispatch, code(body.orderId)))
    for (const { courier, afterMs, minutes, orderId = body.orderId } of replies) {
      run.clock.setTimer(afterMs, () => {
        tell(
          run,
          words(
            "{0} ms: {1:이/가} {2:을/를} {3}분에 가겠다고 해요",
            "{0} ms: {1} offers to take {2} in {3} minutes",
            afterMs,
            courierNamed(courier),
            code(orderId),
            minutes,
          ),
        )
        void couriers.queue(headers["reply-to"] ?? "nowhere").send({ orderId, courier, minutes })
      })
    }
  })
  const began = run.history.now
  const collecting = { replies: "offers", enough: 2, waitMs: 3_000 }
  const { broker } = run.process(dispatch)
  const timer: work.Timer = (ms, callback) => run.clock.setTimer(ms, callback)
  const offers = watched(run, () => work.collectOffers(broker, "order-7", collecting, timer))
  await run.reaches(() => offers.ending !== undefined, 20_000)
  const { ending } = offers
  if (ending && "error" in ending) throw ending.error
  run.judge(findingOf(ending?.value, (ending?.at ?? 0) - began, expected))
  await run.clock.advance(1_000)
}

function findingOf(
  offers: work.Offer[] | undefined,
  atMs: number,
  expected: { couriers: readonly string[]; atMs: number },
): Finding | undefined {
  if (!offers) return { kind: "STUCK", headline: words("`collectOffers`가 끝나지 않아요", "`collectOffers` does not come to an end") }
  const got = offers.map(({ courier }) => courier)
  const stranger = offers.find(({ orderId }) => orderId !== "order-7")
  if (stranger)
    return { kind: "PHANTOM", headline: words("{0}에 대한 제안이 섞여 있어요", "an offer for {0} is among them", code(stranger.orderId)) }
  if (new Set(got).size < got.length)
    return {
      kind: "DUPLICATED",
      headline: words("배달원 {0}의 제안이 두 번 들어 있어요", "the offer of courier {0} is there twice", got[0] ?? ""),
    }
  if (got.join() !== expected.couriers.join()) {
    const listed = (couriers: readonly string[]) => (couriers.length > 0 ? couriers.join(", ") : "–")
    return {
      kind: got.length < expected.couriers.length ? "LOST" : "REORDERED",
      headline: words("제안이 {0}, 맞는 답은 {1}", "the offers are {0}, and should be {1}", listed(got), listed(expected.couriers)),
    }
  }
  if (Math.abs(atMs - expected.atMs) < 500) return undefined
  return {
    kind: "STUCK",
    headline: words("{0} ms에 끝났어요, 맞는 때는 {1} ms 무렵", "it ended at {0} ms, and should at about {1} ms", atMs, expected.atMs),
  }
}

test("[5] ends when enough couriers have answered, the fastest first", async () => {
  await playCollecting(
    [
      { courier: "A", afterMs: 100, minutes: 12 },
      { courier: "B", afterMs: 200, minutes: 8 },
    ],
    { couriers: ["B", "A"], atMs: 200 },
  )
})

test("[5] ends when its time is over, with whoever has answered", async () => {
  await playCollecting([], { couriers: [], atMs: 3_000 })
  await playCollecting(
    [
      { courier: "A", afterMs: 100, minutes: 12 },
      { courier: "B", afterMs: 9_000, minutes: 8 },
    ],
    { couriers: ["A"], atMs: 3_000 },
  )
})

test("[5] a courier who answers twice is one courier, and another order's offers are not this one's", async () => {
  const twice = [
    { courier: "A", afterMs: 100, minutes: 12 },
    { courier: "A", afterMs: 200, minutes: 12 },
    { courier: "B", afterMs: 1_000, minutes: 8 },
  ]
  await playCollecting(twice, { couriers: ["B", "A"], atMs: 1_000 })
  const late = [
    { courier: "C", afterMs: 50, minutes: 3, orderId: "order-6" },
    { courier: "A", afterMs: 100, minutes: 12 },
    { courier: "B", afterMs: 1_000, minutes: 8 },
  ]
  await playCollecting(late, { couriers: ["B", "A"], atMs: 1_000 })
})
