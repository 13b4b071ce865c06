import { test, vi } from "vitest"
import type { Consumer } from "#waystation"
import * as work from "#work/3.3.5-competing-receivers-and-order/2-sharded-channel.ts"
import { failure } from "../support/anomaly.ts"
import { pick } from "../support/chance.ts"
import { duplicated, phantom, reordered, swallowed, unfinished } from "../support/checks.ts"
import { everyCrash, explore } from "../support/explore.ts"
import type { History } from "../support/history.ts"
import { code, type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { type Act, cancelled, created, createdSlow, eventsOf, fast, type Schedule, Staff, schedule, slow, stopped } from "./acts.ts"
import { KitchenRun, named, type OrderEvent, orderEvent, orderService } from "./kitchens.ts"

// With letters, and digits in steps of ten: the digits alone do not tell the orders apart, and do not spread them.
const ids = Array.from({ length: 1_000 }, (_, index) => `order-${"abcdefghij"[index % 10]}${Math.floor(index / 10) * 10}`)

test("[4] an order's shard is one of those there are", async () => {
  for (const count of [1, 2, 3, 4, 16]) {
    const { shardOf } = await freshlyLoaded()
    for (const orderId of [...ids, "주문-7", "a"]) {
      const shard = shardOf(orderId, count)
      if (Number.isInteger(shard) && shard >= 0 && shard < count) continue
      const called = words(
        `shardOf("{0}", {1})의 결과는 {2}. 샤드는 0번부터 {3}번까지예요`,
        `shardOf("{0}", {1}) is {2}, and the shards are 0 to {3}`,
        ...[orderId, count, String(shard), count - 1],
      )
      const headline = words(
        "{0:이/가} 있지도 않은 {1}번 샤드로 가요",
        "{0} goes to shard {1}, which is not there",
        code(orderId),
        String(shard),
      )
      throw failure("LOST", headline, [called])
    }
  }
})

test("[4] an order's shard is always the same, in another process too", async () => {
  const [process, restarted] = [await freshlyLoaded(), await freshlyLoaded()]
  // Backwards the second time: a process learns of the orders in whatever order they come.
  const elsewhere = new Map(ids.toReversed().map((orderId) => [orderId, restarted.shardOf(orderId, 4)]))
  for (const orderId of ids) {
    const [now, again, later] = [process.shardOf(orderId, 4), process.shardOf(orderId, 4), elsewhere.get(orderId) ?? -1]
    if (now === again && now === later) continue
    const sends = (what: string, shard: number) => toShard(`${orderId} ${what}`, shard)
    const steps =
      now === again ? [sends("created", now), restart, sends("cancelled", later)] : [sends("created", now), sends("cancelled", again)]
    const headline = words(
      "{0}의 이벤트가 두 샤드로 갈라져서, 순서를 지켜 줄 것이 없어요",
      "the events of {0} are in two shards: nothing keeps their order now",
      code(orderId),
    )
    throw failure("REORDERED", headline, steps)
  }
})

/** The learner's module as another process has it: with nothing in its memory. */
function freshlyLoaded(): Promise<typeof work> {
  vi.resetModules()
  return import("#work/3.3.5-competing-receivers-and-order/2-sharded-channel.ts")
}

const restart = words("주문 서비스의 프로세스가 다시 시작해요", "the order service's process is restarted")

function toShard(message: string, shard: number | string): Words {
  return words("주문 서비스가 {0:을/를} {1}번 샤드로 보내요", "the order service sends {0} to shard {1}", code(message), shard)
}

test("[4] the orders spread over all the shards", async () => {
  for (const count of [2, 4, 8]) {
    const { shardOf } = await freshlyLoaded()
    const shards = Array.from({ length: count }, () => 0)
    for (const shard of ids.map((orderId) => shardOf(orderId, count))) shards[shard] = (shards[shard] ?? 0) + 1
    // Far from what a fair hash does: of 1,000 orders over 8 shards each gets 125, give or take 10 or 20.
    if (shards.every((orders) => orders > 500 / count && orders < 2_000 / count)) continue
    const fullest = Math.max(...shards)
    const headline = words(
      "주문 1,000개 중 {0}개가 {1}번 샤드로 몰려요",
      "{0} of 1,000 orders go to shard {1}",
      fullest.toLocaleString("en"),
      shards.indexOf(fullest),
    )
    throw failure(
      "STUCK",
      headline,
      shards.map((orders, shard) => words("{0}번 샤드: 주문 {1}개", "shard {0}: {1} orders", shard, orders.toLocaleString("en"))),
    )
  }
})

const orders = [1, 2, 3, 4, 5, 6, 7, 8]

test("[5] the events of one order keep their order, whoever comes and goes", async () => {
  const meanwhile = (...acts: Act[]) => orders.map((order) => schedule([created(order), ...acts, cancelled(order), "open"], createdSlow))
  const small = [
    ...meanwhile(),
    ...meanwhile("joins"),
    ...meanwhile("leaves"),
    schedule(["open", ...orders.map(created), 60, "joins", ...orders.map(cancelled), 500, "leaves", "leaves"], createdSlow),
  ]
  const make = (random: () => number) => {
    const acts: Act[] = [...orders.map(created), ...orders.map(cancelled)]
    acts.splice(pick(random, [9, 12]), 0, pick(random, ["joins", "leaves"]), pick(random, [0, 70, 420]))
    return schedule(acts.toSpliced(pick(random, [0, 3, 6]), 0, "open"), () => pick(random, [fast, slow]))
  }
  await explore({ small, random: { count: 6, make } }, async (each) => void (await runShards(each)))
})

const ofOneCustomer = Array.from({ length: 40 }, (_, index) => orderEvent(index + 1, "created", 1))

test("[5] the many orders of one customer do not all wait in one shard", async () => {
  const history = await runShards(schedule([...ofOneCustomer, "open"], () => fast))
  const sends = history.of("send")
  const used = new Set(sends.map((step) => step.channel))
  const unused = [0, 1, 2, 3].find((shard) => !used.has(`orders.${shard}`))
  if (unused === undefined) return
  const headline =
    used.size === 1
      ? words("한 고객의 주문 {0}개가 모두 한 샤드에서 줄을 서요", "all {0} orders of one customer wait in one shard", sends.length)
      : words("주문 {0}개 가운데 {1}번 샤드로 가는 것이 없어요", "of {0} orders none goes to shard {1}", sends.length, unused)
  throw failure(
    "STUCK",
    headline,
    sends.slice(0, 3).flatMap((step) => step.words ?? []),
  )
})

test("[5] the kitchens divide the shards among themselves", async () => {
  checkShares(await runShards(schedule([...ofOneCustomer, "open"], () => fast)))
})

/** STUCK: a kitchen that had nothing to do in the whole run. */
function checkShares(history: History): void {
  const begun = history.of("begun")
  const unused = history.of("joined").find(({ process }) => !begun.some((step) => step.process === process))
  const other = begun[0]?.who
  if (!unused?.who || !other) return
  const headline = words(
    "{0:은/는} 할 일이 하나도 없고, 주문 {1}개가 모두 {2}에서 줄을 서요",
    "{0} has nothing to do, and all {1} orders wait for {2}",
    unused.who,
    begun.length,
    other,
  )
  throw failure(
    "STUCK",
    headline,
    history
      .of("begun", "waiting")
      .slice(0, 3)
      .flatMap((step) => step.words ?? []),
  )
}

async function runShards({ acts, ...pace }: Schedule): Promise<History> {
  await using run = new KitchenRun(pace, (message, channel) => toShard(message, channel.slice(-1)))
  const { broker } = run.process(orderService)
  const queues = [0, 1, 2, 3].map((shard) => broker.queue<OrderEvent>(`orders.${shard}`))
  const staff = new Staff(run)
  staff.joins()
  staff.joins()
  let consumers: Consumer[] | undefined
  for (const act of acts) {
    if (typeof act === "number") await run.clock.advance(act)
    if (typeof act === "object") await work.sendToShard({ queues, kitchens: [...staff.kitchens] }, act)
    if (act === "joins") staff.joins()
    if (act === "leaves") staff.leaves()
    if (act === "open")
      run.history.add({
        process: orderService.en,
        who: orderService,
        event: "opened",
        words: words("주방들이 문을 열어요", "the kitchens open"),
      })
    const moved = act === "open" || (consumers && (act === "joins" || act === "leaves"))
    if (!moved) continue
    await stopped(run, consumers ?? [])
    consumers = work.startKitchens({ queues, kitchens: [...staff.kitchens] })
  }
  await run.works(eventsOf(acts))
  const sent = eventsOf(acts).map(named)
  run.judge(phantom(run.history, sent), reordered(run.history, sent), duplicated(run.history), unfinished(run.history, sent, broker))
  return run.history
}

test("[6] the channel is called order-events and has four partitions", async () => {
  await using run = new KitchenRun(schedule([], () => fast))
  const { broker } = run.process(orderService)
  work.openOrders(broker)
  const made = broker.inspect().partitioned.map(({ name, partitions }) => `${name} (${partitions})`)
  if (made.join() === "order-events (4)") return
  throw new Wrong(
    words(
      "채널(파티션 수)이 {0}, 맞는 것은 {1}",
      "the channel (its partitions) is {0}, and should be {1}",
      made.join() || "–",
      "order-events (4)",
    ),
  )
})

test("[6] the group shares the partitions, and an order keeps its order", async () => {
  const small = [
    schedule(["joins", created(1), cancelled(1)], createdSlow),
    schedule(["joins", created(1), cancelled(1)], createdSlow, [created(1)]),
    schedule(["joins", "joins", created(1), cancelled(1)], createdSlow),
    ...[10, 200, 450].map((wait) => schedule([created(1), created(2), cancelled(1), cancelled(2), "joins", wait, "joins"], createdSlow)),
    ...[10, 200, 450].map((wait) =>
      schedule([created(1), created(2), cancelled(1), cancelled(2), "joins", "joins", wait, "leaves"], createdSlow),
    ),
  ]
  const make = (random: () => number) => {
    const acts: Act[] = [
      ...orders.map(created),
      "joins",
      pick(random, [30, 300]),
      ...orders.map(cancelled),
      "joins",
      pick(random, [30, 300]),
      "leaves",
    ]
    return schedule(acts.toSpliced(pick(random, [0, 4]), 0, "joins"), () => pick(random, [fast, slow]), [created(pick(random, orders))])
  }
  await explore({ small, random: { count: 4, make } }, async (each) => void (await runGroup(each)))
})

function toPartition(message: string, _channel: string, partition: number | undefined): Words {
  const number = partition ?? "?"
  return words("주문 서비스가 {0:을/를} {1}번 파티션으로 보내요", "the order service sends {0} to partition {1}", code(message), number)
}

async function runGroup({ acts, ...pace }: Schedule): Promise<History> {
  await using run = new KitchenRun(pace, toPartition)
  const { broker } = run.process(orderService)
  const channel = work.openOrders(broker)
  const staff = new Staff(run)
  const consumers: Consumer[] = []
  for (const act of acts) {
    if (typeof act === "number") await run.clock.advance(act)
    if (typeof act === "object") await work.sendOrder(channel, act)
    if (act === "joins") {
      const { kitchen, process } = staff.joins()
      consumers.push(work.joinKitchen(work.openOrders(process.broker), kitchen))
    }
    if (act === "leaves") {
      staff.leaves()
      await stopped(run, consumers.splice(-1))
    }
  }
  await run.works(eventsOf(acts))
  const sent = eventsOf(acts).map(named)
  run.judge(
    phantom(run.history, sent),
    swallowed(run.history, sent, broker),
    reordered(run.history, sent),
    duplicated(run.history),
    unfinished(run.history, sent, broker),
  )
  return run.history
}

test("[6] the kitchens divide the partitions among themselves", async () => {
  checkShares(await runGroup(schedule(["joins", "joins", 2_000, ...ofOneCustomer], () => fast)))
})

test("[6] the events of a kitchen that crashes come back, in their order", async () => {
  await everyCrash(async (crashAtEffect) => {
    const acts = [created(1), cancelled(1), created(2)]
    await using run = new KitchenRun(
      schedule(acts, () => fast),
      toPartition,
    )
    const { broker } = run.process(orderService)
    const channel = work.openOrders(broker)
    for (const event of acts) await work.sendOrder(channel, event)
    const staff = new Staff(run)
    const first = staff.joins()
    const channelOfFirst = work.openOrders(first.process.broker)
    first.process.crashAtEffect(crashAtEffect)
    first.process.run(() => work.joinKitchen(channelOfFirst, first.kitchen))
    await run.reaches(() => run.history.of("finished").length === acts.length || !first.process.alive)
    const { kitchen, process } = staff.joins()
    work.joinKitchen(work.openOrders(process.broker), kitchen)
    await run.works(acts)
    const sent = acts.map(named)
    run.judge(phantom(run.history, sent), reordered(run.history, sent), unfinished(run.history, sent, broker))
    return !first.process.alive
  })
})
