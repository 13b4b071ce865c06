import { test } from "vitest"
import { createOutbox, relayOutbox } from "#waystation"
import * as work from "#work/3.3.7-transactional-messaging/1-same-transaction.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { disagreement, type Order, order, rows, ShopRun } from "./shop.ts"

const placedWords = {
  phantom: (it: string) =>
    words("주방이 받은 {0:은/는} 데이터베이스에 없는 주문이에요", "the kitchen got {0}, which is no order in the database", it),
  lost: (it: string) =>
    words("{0:은/는} 데이터베이스에 있는데 주방은 받지 못했어요", "{0} is in the database, and the kitchen never got it", it),
}

const cancelledWords = {
  phantom: (it: string) =>
    words(
      "주방은 취소됐다는 {0:을/를} 받았는데 그 주문은 취소되지 않았어요",
      "the kitchen was told that {0} is cancelled, and it is not",
      it,
    ),
  lost: (it: string) => words("{0:은/는} 취소됐는데 주방은 듣지 못했어요", "{0} is cancelled, and the kitchen was never told", it),
}

/** Places the orders one after the other; the second of one id is refused by the database. Says whether the service crashed. */
async function place(orders: readonly Order[], crashAtEffect?: number): Promise<boolean> {
  await using run = new ShopRun()
  run.start(crashAtEffect)
  const taken = new Set<string>()
  let wrong: Wrong | undefined
  for (const one of orders) {
    run.told("{0}, 고객은 {1}", "{0}, for {1}", code(`placeOrder(${one.orderId})`), one.customerId)
    const ending = await run.call(({ database, broker }) => work.placeOrder(database, broker.queue<Order>("orders"), one))
    if (ending && "thrown" in ending && !taken.has(one.orderId)) throw ending.thrown
    run.judge(run.openTransaction())
    if (ending && "thrown" in ending)
      run.told("데이터베이스에 이미 있는 주문이라 예외로 끝나요", "the database has it already: it ends with an exception")
    const before = taken.has(one.orderId)
    for (const { orderId } of rows<Order>(run.reader, "SELECT order_id AS orderId FROM orders")) taken.add(orderId)
    if (!ending || "thrown" in ending) continue
    const call = code(`placeOrder(${one.orderId})`)
    if (before)
      wrong ??= new Wrong(words("두 번째 {0:이/가} 예외 없이 끝났어요", "the second {0} ended without an exception", call), run.steps())
    if (taken.has(one.orderId)) continue
    const missing = words("{0:이/가} 끝났는데 주문이 데이터베이스에 없어요", "{0} has ended, and the order is not in the database", call)
    wrong ??= new Wrong(missing, run.steps())
  }
  await run.relayOwn()
  const stored = rows<Order>(run.reader, "SELECT order_id AS orderId, customer_id AS customerId, cents FROM orders ORDER BY order_id")
  run.judge(disagreement(stored, run.heard, placedWords))
  if (wrong) throw wrong
  return run.crashed
}

test("[1] the kitchen hears of every order that is stored", async () => {
  await explore({ small: [[order(7)], [order(7), order(8, 7)]] }, async (orders) => void (await place(orders)))
})

test("[1] and of none that the database refuses", async () => {
  await explore(
    {
      small: [
        [order(7), order(7, 8)],
        [order(7), order(7, 8), order(8, 7)],
      ],
    },
    async (orders) => void (await place(orders)),
  )
})

test("[1] also when the service crashes, wherever that is", async () => {
  await everyCrash((effect) => place([order(7)], effect))
  await everyCrash((effect) => place([order(7), order(7, 8)], effect))
})

interface Cancelled {
  readonly orderId: string
}

/** Order 7 is PLACED, order 9 is DELIVERED, and there is no order 8. */
async function cancel(orderIds: readonly string[], crashAtEffect?: number): Promise<boolean> {
  await using run = new ShopRun("order-cancelled")
  run.install("INSERT INTO orders VALUES ('order-7', 'customer-7', 1590, 'PLACED'), ('order-9', 'customer-9', 1590, 'DELIVERED')")
  run.prepare((database) => createOutbox(database, { durability: "normal", clock: run.clock, random: run.random }))
  run.start(crashAtEffect)
  const state = (orderId: string) =>
    run.reader.prepare<[string], { state: string }>("SELECT state FROM orders WHERE order_id = ?").get(orderId)?.state
  let wrong: Wrong | undefined
  for (const orderId of orderIds) {
    const placed = state(orderId) === "PLACED"
    const call = code(`cancelOrder(${orderId})`)
    run.told("{0}, 상태는 {1}", "{0}, which is {1}", call, state(orderId) ?? words("없음", "not there"))
    const ending = await run.call(({ database, outbox }) => {
      if (outbox) return work.cancelOrder(database, outbox, orderId)
      throw new Error("There is no outbox.")
    })
    if (ending && "thrown" in ending) throw ending.thrown
    if (!ending) continue
    if (placed && state(orderId) === "PLACED") {
      const headline = words("{0:이/가} 끝났는데 주문은 아직 PLACED예요", "{0} has ended, and the order still is PLACED", call)
      wrong ??= new Wrong(headline, run.steps())
    }
    if (ending.value === placed) continue
    wrong ??= new Wrong(words("{0:이/가} {1:을/를} 돌려줬어요", "{0} returned {1}", call, code(`${ending.value}`)), run.steps())
  }
  const relay = relayOutbox(run.ownDatabase(), run.relayProcess().broker.publisher(), { method: "polling", nudge: false, clock: run.clock })
  await run.until(relay.idle())
  await run.until(relay.stop())
  await run.settle()
  const stored = rows<Cancelled>(run.reader, "SELECT order_id AS orderId FROM orders WHERE state = 'CANCELLED'")
  run.judge(disagreement(stored, run.heard, cancelledWords))
  if (wrong) throw wrong
  return run.crashed
}

test("[2] the kitchen hears of every order that is cancelled, once", async () => {
  await explore({ small: [["order-7"], ["order-7", "order-7"]] }, async (orderIds) => void (await cancel(orderIds)))
})

test("[2] and of none that is not", async () => {
  await explore({ small: [["order-8"], ["order-9"], ["order-9", "order-7"]] }, async (orderIds) => void (await cancel(orderIds)))
})

test("[2] also when the service crashes, wherever that is", async () => {
  await everyCrash((effect) => cancel(["order-7"], effect))
})
