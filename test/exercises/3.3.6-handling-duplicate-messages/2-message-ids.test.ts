import { test } from "vitest"
import * as work from "#work/3.3.6-handling-duplicate-messages/2-message-ids.ts"
import type { Finding } from "../support/anomaly.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { type Words, words } from "../support/language.ts"
import { AccountingRun, compared, type Sending } from "./accounting.ts"

const sending = (order: number, message = order): Sending => ({
  id: `message-${message}`,
  orderId: `order-${order}`,
  customerId: "customer-1",
  cents: 1_590,
})

type Consumer = "points" | "count"

/** Both are 15 points and one order for every message, however often it comes. */
async function play(sendings: readonly Sending[], consumers: readonly Consumer[], crashAtEffect?: number): Promise<boolean> {
  await using run = new AccountingRun()
  const shop = run.process({ ko: "주문 서비스", en: "the order service" })
  const topic = shop.broker.topic<work.OrderDelivered>("order-delivered", { deduplicationMs: 0 })
  for (const consumer of consumers) topic.createSubscription(consumer)
  for (const { id, ...body } of sendings) await run.until(topic.publish(body, { id }))
  const handlers = { points: work.addPoints, count: work.countOrder }
  await run.serve({
    start: (broker, database) => {
      for (const consumer of consumers) {
        const handler = handlers[consumer]
        broker.topic<work.OrderDelivered>("order-delivered").subscribe(consumer, (message) => handler(database, message))
      }
    },
    state: () => stateOf(run, consumers),
    crashAtEffect,
  })
  const messages = new Set(sendings.map(({ id }) => id)).size
  run.judge(...consumers.map((consumer) => findingOf(run, consumer, messages)))
  return run.crashed
}

/** No more than what the consumers are there for. */
function stateOf(run: AccountingRun, consumers: readonly Consumer[]): Words {
  const balance = words("포인트 {0}, ", "points: {0}, ", points(run))
  const counted = words("주문 {0}, ", "orders: {0}, ", orders(run))
  const ids = words("처리한 아이디 {0}", "ids recorded: {0}", run.count("SELECT count(*) FROM processed_message"))
  const none: Words = { ko: "", en: "" }
  return words("{0}{1}{2}", "{0}{1}{2}", consumers.includes("points") ? balance : none, consumers.includes("count") ? counted : none, ids)
}

function findingOf(run: AccountingRun, consumer: Consumer, messages: number): Finding | undefined {
  return consumer === "points"
    ? compared(words("포인트가", "points"), points(run), 15 * messages)
    : compared(words("주문 수가", "orders counted"), orders(run), messages)
}

const points = (run: AccountingRun) => run.count("SELECT total(balance) FROM points")
const orders = (run: AccountingRun) => run.count("SELECT total(orders) FROM order_count")

// Two orders may be alike in everything but their id; and one message may come twice.
const schedules: Sending[][] = [[sending(7)], [sending(7), sending(7)], [sending(7), sending(8)], [sending(7), sending(8), sending(7)]]

test("[2] points are added once for each message", async () => {
  await explore({ small: schedules }, async (sendings) => void (await play(sendings, ["points"])))
})

test("[2] two messages about one order are two messages", async () => {
  await play([sending(7, 1), sending(7, 2)], ["points"])
})

test("[2] also when the process crashes, wherever that is", async () => {
  await everyCrash((effect) => play([sending(7)], ["points"], effect))
})

test("[3] each consumer counts every message once", async () => {
  await explore({ small: schedules }, async (sendings) => void (await play(sendings, ["count"])))
  await explore({ small: schedules }, async (sendings) => void (await play(sendings, ["points", "count"])))
})

test("[3] also when the process crashes, wherever that is", async () => {
  await everyCrash((effect) => play([sending(7)], ["points", "count"], effect))
})
