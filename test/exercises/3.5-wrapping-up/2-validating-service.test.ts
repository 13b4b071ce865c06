import { test } from "vitest"
import * as work from "#work/3.5-wrapping-up/2-validating-service.ts"
import { everyCrash } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import { difference, shown } from "../support/said.ts"
import { type By, serviceName } from "./judge.ts"
import { message, type Opened, ServiceRun } from "./service-run.ts"
import { reservationTable } from "./tables.ts"

const order: work.Order = { id: "order-7", consumerId: "consumer-1", items: [{ dish: "bibimbap", portions: 2 }] }
const noReason = "the oven is cold"

interface Setting {
  readonly by?: By
  readonly passes?: boolean
  readonly crashAtEffect?: number
}

class Run extends ServiceRun {
  readonly setting: Setting

  constructor(setting: Setting) {
    super(serviceName[setting.by ?? "kitchen"] as Words, reservationTable, setting.crashAtEffect)
    this.setting = setting
  }

  service({ inbox, outbox }: Opened): work.ValidatingService {
    const { by = "kitchen", passes = true } = this.setting
    return { by, check: ({ id }) => (passes && id === order.id ? undefined : noReason), inbox, outbox }
  }

  get states(): string[] {
    return this.rows<{ state: string }>("SELECT state FROM reservation WHERE order_id = ?", order.id).map(({ state }) => state)
  }
}

/** The order's creation comes, so many times. */
async function create(times: number, setting: Setting): Promise<boolean> {
  await using run = new Run(setting)
  const state = setting.passes === false ? "REFUSED" : "HELD"
  const came = message("message-created", { type: "OrderCreated", order } as const)
  for (let time = 1; time <= times; time++) {
    const sentence = words("{0:이/가} {1}와요", "{0} comes{1}", code("order-7 created"), time > 1 ? words("다시 ", " again") : "")
    run.comes(
      sentence,
      (opened) => work.onCreated(run.service(opened), came),
      () => bothOrNone(run, state),
    )
    answered(run, state)
  }
  return run.crashed
}

/** What a crash has left. */
function bothOrNone(run: Run, state: string): void {
  const [sent] = run.sent
  if (run.states.length > 0) answered(run, state)
  else if (sent)
    run.fail(
      "PHANTOM",
      words("예약이 없는데 아웃박스에 {0:이/가} 있어요", "there is no reservation, and {0} is in the outbox", code(sent.name)),
    )
}

function answered(run: Run, expected: string): void {
  isHeld(run, expected)
  const { by = "kitchen", passes = true } = run.setting
  const name = `order-7 ${by} ${passes ? "yes" : "no"}`
  const [sent, second] = run.sent
  const nobody = words("주문은 시한까지 PENDING이에요", "the order stays PENDING until its deadline")
  if (!sent) run.fail("LOST", words("아웃박스에 답이 없어요", "there is no answer in the outbox"), nobody)
  if (second) run.fail("DUPLICATED", words("아웃박스에 답이 {0}개 있어요", "there are {0} answers in the outbox", run.sent.length))
  const body = { orderId: order.id, by, passed: passes, ...(!passes && { reason: noReason }) }
  const found = difference({ channel: sent.channel, body: sent.body }, { channel: "order-validations", body })
  if (!found) return
  const is = [code(name), found.path, shown(found.came), shown(found.expected)] as const
  run.fail("WRONG", words("답 {0}의 {1}: {2}. 맞는 값은 {3}", "the answer {0}, {1}: {2}, and should be {3}", ...is))
}

function isHeld(run: Run, expected: string): void {
  const { states } = run
  const [state = ""] = states
  if (states.length === 0) run.fail("LOST", words("`reservation`에 `order-7`이 없어요", "`order-7` is not in `reservation`"))
  if (states.length > 1)
    run.fail("DUPLICATED", words("`reservation`에 `order-7`이 {0}개 있어요", "`order-7` is in `reservation` {0} times", states.length))
  if (state === expected) return
  const kind = state === "HELD" ? "STUCK" : "WRONG"
  run.fail(
    kind,
    words(
      "`order-7`의 예약은 {0:이어야/여야} 하는데 {1:이에요/예요}",
      "the reservation for `order-7` should be {0}, and is {1}",
      expected,
      state,
    ),
  )
}

test("[4] a yes holds, a no does not, and both are answered", async () => {
  await create(1, {})
  await create(1, { passes: false })
  await create(1, { by: "card" })
})

test("[4] an order that comes twice is held once, and answered once", async () => {
  await create(2, {})
  await create(2, { passes: false })
})

test("[4] also when the process crashes, wherever that is", async () => {
  await everyCrash((crashAtEffect) => create(1, { crashAtEffect }))
  await everyCrash((crashAtEffect) => create(1, { passes: false, crashAtEffect }))
})

const decisions = { OrderValidated: "CONFIRMED", OrderRejected: "RELEASED" } as const

/** The order's creation was handled, under another message's id; now its decision comes, so many times. */
async function decide(type: keyof typeof decisions, before: "HELD" | "REFUSED", times: number, crashAtEffect?: number): Promise<boolean> {
  await using run = new Run(crashAtEffect === undefined ? {} : { crashAtEffect })
  const after = before === "HELD" ? decisions[type] : before
  run.write("INSERT INTO reservation VALUES ('order-7', ?), ('order-8', 'HELD')", before)
  run.tell(words("`order-7`의 예약은 {0:이에요/예요}", "the reservation for `order-7` is {0}", before))
  const came = message("message-decided", { type, orderId: order.id } as const)
  const name = code(`order-7 ${type === "OrderValidated" ? "validated" : "rejected"}`)
  for (let time = 1; time <= times; time++) {
    run.comes(
      words("{0:이/가} {1}와요", "{0} comes{1}", name, time > 1 ? words("다시 ", " again") : ""),
      (opened) => work.onDecided(run.service(opened), came),
      () => run.states[0] === before || isHeld(run, after),
    )
    isHeld(run, after)
    onlyThis(run)
  }
  return run.crashed
}

function onlyThis(run: Run): void {
  const [other] = run.rows<{ state: string }>("SELECT state FROM reservation WHERE order_id = 'order-8'")
  if (other?.state !== "HELD")
    run.fail("PHANTOM", words("`order-8`의 예약이 {0:이/가} 됐어요", "the reservation for `order-8` became {0}", other?.state ?? "-"))
  const [sent] = run.sent
  if (sent)
    run.fail(
      "PHANTOM",
      words("판정에는 답하지 않는데 아웃박스에 {0:이/가} 있어요", "a decision is not answered, and {0} is in the outbox", code(sent.name)),
    )
}

test("[5] a decision confirms or releases what is held", async () => {
  await decide("OrderValidated", "HELD", 1)
  await decide("OrderRejected", "HELD", 1)
})

test("[5] what was refused stays refused", async () => {
  await decide("OrderRejected", "REFUSED", 1)
})

test("[5] a decision may come twice", async () => {
  await decide("OrderValidated", "HELD", 2)
  await decide("OrderRejected", "HELD", 2)
})

test("[5] also when the process crashes, wherever that is", async () => {
  await everyCrash((effect) => decide("OrderRejected", "HELD", 1, effect))
})

test("[5] also for an order that was answered just before", async () => {
  await using run = new Run({})
  run.write("INSERT INTO reservation VALUES ('order-8', 'HELD')")
  const decided = (orderId: string) => message(`message-decided-${orderId}`, { type: "OrderValidated", orderId } as const)
  const handle = (sentence: Words, task: (service: work.ValidatingService) => void) =>
    run.comes(
      sentence,
      (opened) => task(run.service(opened)),
      () => {},
    )
  handle(words("{0:이/가} 와요", "{0} comes", code("order-8 validated")), (service) => work.onDecided(service, decided("order-8")))
  const created = message("message-created", { type: "OrderCreated", order } as const)
  handle(words("{0:이/가} 와요", "{0} comes", code("order-7 created")), (service) => work.onCreated(service, created))
  handle(words("{0:이/가} 와요", "{0} comes", code("order-7 validated")), (service) => work.onDecided(service, decided("order-7")))
  isHeld(run, "CONFIRMED")
})
