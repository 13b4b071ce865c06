import { test } from "vitest"
import * as work from "#work/3.5-wrapping-up/1-order-service.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { difference, shown } from "../support/said.ts"
import { type By, serviceName, validators } from "./judge.ts"
import { message, type Opened, type Sent, ServiceRun } from "./service-run.ts"
import { orderTables } from "./tables.ts"

const deadlineMs = 900_000
type Status = "PENDING" | "VALIDATED" | "REJECTED"
const orderOf = (n: number): work.Order => ({
  id: `order-${n}`,
  consumerId: "consumer-1",
  items: [{ dish: "bibimbap", portions: n }],
})

class Run extends ServiceRun {
  constructor(crashAtEffect?: number) {
    super({ ko: "주문 서비스", en: "the order service" }, orderTables, crashAtEffect)
  }

  service(opened: Opened): work.OrderService {
    return { ...opened, deadlineMs }
  }

  status(id: string): string | undefined {
    return this.rows<{ status: string }>("SELECT status FROM orders WHERE id = ?", id)[0]?.status
  }
}

/** Orders are placed one after the other; the same one twice is a customer who asks again. */
async function place(orders: readonly number[], crashAtEffect?: number): Promise<boolean> {
  await using run = new Run(crashAtEffect)
  for (const order of orders.map(orderOf)) {
    const again = run.status(order.id) === undefined ? words("", "") : words("다시 ", " again")
    const sentence = words("고객이 {0:을/를} {1}주문해요", "a customer places {0}{1}", code(order.id), again)
    run.comes(
      sentence,
      (opened) => work.placeOrder(run.service(opened), order),
      () => bothOrNone(run, order),
    )
    placed(run, order)
  }
  return run.crashed
}

/** What a crash has left: the order and its messages, or none of them. */
function bothOrNone(run: Run, { id }: work.Order): void {
  const [sent] = run.sent.filter(({ name }) => name.startsWith(`${id} `))
  if (run.status(id) !== undefined) announced(run, id)
  else if (sent)
    run.fail(
      "PHANTOM",
      words("{0:이/가} 없는데 아웃박스에 메시지가 있어요: {1}", "there is no {0}, and {1} is in the outbox", code(id), code(sent.name)),
    )
}

function placed(run: Run, order: work.Order): void {
  const [row] = run.rows<{ consumer_id: string; items: string; status: string }>("SELECT * FROM orders WHERE id = ?", order.id)
  if (!row) run.fail("LOST", words("{0:이/가} `orders`에 없어요", "{0} is not in `orders`", code(order.id)))
  const came = { consumerId: row.consumer_id, items: parsed(row.items), status: row.status }
  differs(run, words("`orders`의 {0}", "{0} in `orders`", code(order.id)), came, {
    consumerId: order.consumerId,
    items: order.items,
    status: "PENDING",
  })
  announced(run, order.id)
  const created = run.sent.find(({ name }) => name === `${order.id} created`) as Sent
  differs(run, words("{0}의 내용", "the body of {0}", code(created.name)), created.body, { type: "OrderCreated", order })
  const deadline = run.sent.find(({ name }) => name === `${order.id} deadline`) as Sent
  differs(run, words("{0}의 내용", "the body of {0}", code(deadline.name)), deadline.body, { orderId: order.id })
}

/** One event, by its key in the order's place; and one message to oneself, which comes at the deadline. */
function announced(run: Run, id: string): void {
  const created = once(run, `${id} created`, words("아무도 검증하지 않을 거예요", "nobody will ever validate it"))
  differs(
    run,
    words("{0}의 행선지", "where {0} goes", code(created.name)),
    { channel: created.channel, key: created.key },
    { channel: "order-events", key: id },
  )
  const deadline = once(
    run,
    `${id} deadline`,
    words("답이 오지 않으면 끝까지 PENDING이에요", "if an answer never comes, it stays PENDING for ever"),
  )
  const is = { channel: deadline.channel, delayMs: deadline.delayMs }
  differs(run, words("{0}의 행선지", "where {0} goes", code(deadline.name)), is, { channel: "order-deadlines", delayMs: deadlineMs })
}

function once(run: Run, name: string, note: { ko: string; en: string }): Sent {
  const sent = run.sent.filter((one) => one.name === name)
  const [first] = sent
  if (sent.length > 1)
    run.fail("DUPLICATED", words("아웃박스에 {1}개 있어요: {0}", "{0} is in the outbox {1} times", code(name), sent.length))
  return first ?? run.fail("LOST", words("아웃박스에 없어요: {0}", "{0} is not in the outbox", code(name)), note)
}

function differs(run: Run, what: { ko: string; en: string }, came: unknown, expected: unknown): void {
  const found = difference(came, expected)
  if (!found) return
  const place = found.path === "" ? "" : ` (${found.path})`
  run.fail(
    "WRONG",
    words("{0}{1}: {2}. 맞는 값은 {3}", "{0}{1}: {2}, and should be {3}", what, place, shown(found.came), shown(found.expected)),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

test("[1] an order, its event and its deadline", async () => {
  await place([7])
  await place([7, 8])
})

test("[1] who asks again has one order", async () => {
  await place([7, 7])
})

test("[1] also when the process crashes, wherever that is", async () => {
  await everyCrash((effect) => place([7], effect))
})

/** An answer that comes: whose, yes or no, and the same message again. */
interface Answer {
  readonly by: By
  readonly passed: boolean
}
type Coming = Answer | "deadline"
const yes = (by: By): Answer => ({ by, passed: true })
const no = (by: By): Answer => ({ by, passed: false })

interface Setting {
  readonly crashAtEffect?: number
  /** Whether another order is waiting, too. */
  readonly beside?: boolean
}
const besideId = "order-8"

/** The order was placed by somebody else, so that this is about what comes for it. Whoever is named twice comes twice. */
async function decide(before: Status, comings: readonly Coming[], { crashAtEffect, beside = false }: Setting = {}): Promise<boolean> {
  await using run = new Run(crashAtEffect)
  if (beside) placeBeside(run)
  const { id, consumerId, items } = orderOf(7)
  run.write("INSERT INTO orders VALUES (?, ?, ?, ?)", id, consumerId, JSON.stringify(items), before)
  run.tell(words("{0}의 상태: {1}", "{0} is {1}", code(id), before))
  const passed = new Set<By>()
  const seen = new Set<Coming>()
  let status = before
  for (const coming of comings) {
    const was = status
    if (coming !== "deadline" && coming.passed) passed.add(coming.by)
    if (status === "PENDING" && passed.size === validators.length) status = "VALIDATED"
    if (status === "PENDING" && (coming === "deadline" || !coming.passed)) status = "REJECTED"
    const again = seen.has(coming)
    seen.add(coming)
    run.comes(
      sentenceOf(coming, again),
      (opened) => handle(run.service(opened), id, coming),
      () => judged(run, id, before, [was, status]),
    )
    const other = beside ? run.status(besideId) : "PENDING"
    if (other !== "PENDING") run.fail("PHANTOM", words("{0:이/가} {1:이/가} 됐어요", "{0} became {1}", code(besideId), String(other)))
    judged(run, id, before, [status])
  }
  return run.crashed
}

/** Another order, which lacks one answer: nothing that comes here is about it. */
function placeBeside(run: Run): void {
  run.write("INSERT INTO orders VALUES (?, 'consumer-1', '[]', 'PENDING')", besideId)
  for (const by of ["kitchen", "card"]) run.write("INSERT INTO validation VALUES (?, ?, 1)", besideId, by)
  const said = words(
    "{0}에는 주방과 카드가 이미 승인했고, 소비자의 답만 남았어요",
    "{0} has the yes of kitchen and card, and waits for the consumer service",
    code(besideId),
  )
  run.tell(said)
}

function sentenceOf(coming: Coming, again: boolean) {
  const twice = again ? words("다시 ", " again") : words("", "")
  if (coming === "deadline") return words("시한(deadline) 메시지가 {0}와요", "the deadline comes{0}", twice)
  const { by, passed } = coming
  const answer = passed ? words("승인", "yes") : words("거절", "no")
  return words("{0}의 {1:이/가} {2}와요", "the {1} of {0} comes{2}", serviceName[by] ?? by, answer, twice)
}

function handle(service: work.OrderService, orderId: string, coming: Coming): void {
  if (coming === "deadline") work.rejectLate(service, message("message-deadline", { orderId }))
  else {
    const { by, passed } = coming
    const body: work.Validation = { orderId, by, passed, ...(!passed && { reason: "not this one" }) }
    work.recordValidation(service, message(`message-${by}`, body))
  }
}

/** Whether the order is in one of these states, and is announced if, and only if, it was decided here. */
function judged(run: Run, id: string, before: Status, allowed: readonly Status[]): void {
  const is = String(run.status(id))
  const [expected = "PENDING"] = allowed.toReversed()
  if (!allowed.some((status) => status === is)) {
    const kind = is === "PENDING" ? "STUCK" : "WRONG"
    run.fail(kind, words("{0}: {2}. 맞는 상태는 {1}", "{0} should be {1}, and is {2}", code(id), expected, is))
  }
  const names = { PENDING: undefined, VALIDATED: `${id} validated`, REJECTED: `${id} rejected` }
  const expectedName = is === before ? undefined : names[is as Status]
  const other = run.sent.find(({ name }) => name !== expectedName)
  if (other) {
    const kind = other.name === names[is as Status] ? "DUPLICATED" : "PHANTOM"
    run.fail(
      kind,
      words("{0:은/는} {1}인데 아웃박스에 메시지가 있어요: {2}", "{0} is {1}, and {2} is in the outbox", code(id), is, code(other.name)),
    )
  }
  if (expectedName === undefined) return
  const sent = once(
    run,
    expectedName,
    words("다른 서비스는 예약을 끝까지 쥐고 있어요", "the other services hold their reservations for ever"),
  )
  const type = is === "VALIDATED" ? "OrderValidated" : "OrderRejected"
  const came = { channel: sent.channel, key: sent.key, body: sent.body }
  differs(run, words("{0}", "{0}", code(sent.name)), came, { channel: "order-events", key: id, body: { type, orderId: id } })
}

const allYes = validators.map(yes)

test("[2] three yes validate, one no rejects", async () => {
  const small: Coming[][] = [
    [no("card")],
    allYes,
    allYes.toReversed(),
    [yes("consumer"), no("kitchen"), yes("card")],
    [no("kitchen"), no("card")],
  ]
  await explore({ small }, async (comings) => void (await decide("PENDING", comings)))
})

test("[2] an answer that comes twice is one answer", async () => {
  const consumer = yes("consumer")
  const small: Coming[][] = [
    [consumer, consumer, consumer],
    [consumer, consumer, yes("kitchen")],
    [consumer, yes("kitchen"), consumer, yes("card")],
  ]
  const refused = no("card")
  small.push([refused, refused])
  await explore({ small }, async (comings) => void (await decide("PENDING", comings)))
})

test("[2] what is decided stays decided", async () => {
  await decide("REJECTED", allYes)
  await decide("REJECTED", [no("card")])
  await decide("VALIDATED", [no("card")])
})

test("[2] each order has its own answers", async () => {
  await decide("PENDING", [yes("consumer")], { beside: true })
  await decide("PENDING", allYes, { beside: true })
  await decide("PENDING", [no("consumer")], { beside: true })
})

test("[2] also when the process crashes, wherever that is", async () => {
  await everyCrash((crashAtEffect) => decide("PENDING", allYes, { crashAtEffect }))
  await everyCrash((crashAtEffect) => decide("PENDING", [no("card")], { crashAtEffect }))
})

test("[3] the deadline rejects what is still PENDING", async () => {
  await decide("PENDING", ["deadline"])
  await decide("PENDING", ["deadline", "deadline"])
})

test("[3] and nothing else", async () => {
  await decide("VALIDATED", ["deadline"])
  await decide("REJECTED", ["deadline"])
  await decide("PENDING", ["deadline"], { beside: true })
})

test("[3] also when the process crashes, wherever that is", async () => {
  await everyCrash((crashAtEffect) => decide("PENDING", ["deadline"], { crashAtEffect }))
})
