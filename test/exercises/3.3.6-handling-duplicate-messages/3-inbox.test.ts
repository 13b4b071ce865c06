import { test } from "vitest"
import * as work from "#work/3.3.6-handling-duplicate-messages/3-inbox.ts"
import { everyCrash } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Crash, type Process } from "../support/process.ts"
import { AccountingRun, compared, type Sending } from "./accounting.ts"

const sending = (order: number, message = order): Sending => ({
  id: `message-${message}`,
  orderId: `order-${order}`,
  customerId: "customer-1",
  cents: 1_590,
})

async function send(run: AccountingRun, sendings: readonly Sending[]): Promise<void> {
  const shop = run.process({ ko: "주문 서비스", en: "the order service" })
  const queue = shop.broker.queue("orders", { deduplicationMs: 0 })
  for (const { id, ...body } of sendings) await run.until(queue.send(body, { id }))
}

async function playPoints(sendings: readonly Sending[], crashAtEffect?: number): Promise<boolean> {
  await using run = new AccountingRun()
  await send(run, sendings)
  const points = () => run.count("SELECT total(balance) FROM points")
  await run.serve({
    start: (broker, database) => work.consumePoints(broker.queue("orders"), database),
    state: () => words("포인트 {0}", "points: {0}", points()),
    crashAtEffect,
  })
  const messages = new Set(sendings.map(({ id }) => id)).size
  run.judge(compared(words("포인트가", "points"), points(), 15 * messages))
  return run.crashed
}

test("[4] points are added once for each message", async () => {
  for (const sendings of [[sending(7)], [sending(7), sending(7)], [sending(7), sending(8), sending(7)], [sending(7, 1), sending(7, 2)]]) {
    await playPoints(sendings)
  }
})

test("[4] also when the process crashes, wherever that is", async () => {
  await everyCrash((effect) => playPoints([sending(7)], effect))
})

/** Another company's computer: what it has done stays done when ours crashes. */
class Company implements work.CardCompany {
  readonly charged = new Map<string, number>()
  readonly #run: AccountingRun
  readonly #process: Process
  readonly #unwell: Set<number>

  constructor(run: AccountingRun, process: Process, charged: Map<string, number>, unwell: Set<number>) {
    this.#run = run
    this.#process = process
    this.charged = charged
    this.#unwell = unwell
  }

  async charge({ key, cents }: { key: string; cents: number }): Promise<void> {
    try {
      this.#process.effect()
      await this.#process.sleep(50)
      const known = this.charged.has(key)
      if (!known) this.charged.set(key, cents)
      const sentence = known
        ? words("카드 회사: 같은 키 {0}, 이미 결제됨", "the card company has {0} already", code(key))
        : words("카드 회사가 {1}원을 결제해요. 키는 {0}", "the card company charges {1}, under the key {0}", code(key), cents)
      this.#run.tell("charged", sentence)
      this.#process.effect()
      // The payment is made, and its answer does not arrive.
      if (this.#unwell.delete(this.charged.size)) {
        this.#run.tell("told", words("카드 회사의 응답이 오지 않아요", "the card company's answer does not arrive"))
        throw new Refusal("No answer from the card company.")
      }
    } catch (error) {
      if (error instanceof Crash) await new Promise(() => {})
      throw error
    }
  }
}

async function playPayments(sendings: readonly Sending[], unwell: readonly number[], crashAtEffect?: number): Promise<boolean> {
  await using run = new AccountingRun()
  await send(run, sendings)
  const charged = new Map<string, number>()
  const silent = new Set(unwell)
  await run.serve({
    start: (broker, _database, process) => work.consumePayments(broker.queue("orders"), new Company(run, process, charged, silent)),
    // What there is to see is at the card company, and is told there.
    state: () => undefined,
    crashAtEffect,
  })
  const expected = [...new Map(sendings.map(({ id, cents }) => [id, cents])).values()].reduce((sum, cents) => sum + cents, 0)
  const got = [...charged.values()].reduce((sum, cents) => sum + cents, 0)
  run.judge(compared(words("결제한 금액이", "charged"), got, expected))
  return run.crashed
}

test("[5] every order is paid for once", async () => {
  for (const sendings of [[sending(7)], [sending(7), sending(8)], [sending(7), sending(7)]]) await playPayments(sendings, [])
})

test("[5] also when the card company's answer does not arrive", async () => {
  await playPayments([sending(7)], [1])
  await playPayments([sending(7), sending(8)], [2])
})

test("[5] also when the process crashes, wherever that is", async () => {
  await everyCrash((effect) => playPayments([sending(7)], [], effect))
})
