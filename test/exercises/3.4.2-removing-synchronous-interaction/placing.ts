import type { AnomalyKind, Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { difference, shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { hourMs, type Life, OrderServiceRun, orderService } from "./order-service.ts"

export type Order = { readonly id: string; readonly consumerId: string; readonly items: readonly string[] }
export type Status = "PENDING" | "VALIDATED" | "REJECTED"

export const order: Order = { id: "order-7", consumerId: "consumer-1", items: ["pizza", "tea"] }

const placed = words("손님이 {0:을/를} 주문해요", "the client places {0}", code(order.id))

/** How a client places the order, and what is to be seen of it besides. */
export interface Placing {
  readonly place: (life: Life, order: Order, run: OrderServiceRun) => Promise<Status>
  readonly crashAtEffect?: number | undefined
  /** What the client hears when it asks once more, after this has become of the order. */
  readonly later?: Status
  /** What else is to come of an order that is there. */
  readonly inTheEnd?: (run: OrderServiceRun, placedAt: number) => Promise<void>
}

interface Row {
  readonly consumer_id: string
  readonly items: string
  readonly status: Status
}

/** The order as it is in the database now. */
export function rowOf(run: OrderServiceRun, id: string): Row | undefined {
  return run.reader.prepare<[string], Row>("SELECT consumer_id, items, status FROM orders WHERE id = ?").get(id)
}

/** A client places the order, once more if no answer comes, and at last `later`. Whether the order service crashed. */
export async function placing({ place, crashAtEffect, later, inTheEnd }: Placing): Promise<boolean> {
  await using run = new OrderServiceRun()
  let placedAt = run.clock.now()
  const judge = (isThere: boolean) => run.judge(eventMatchesRow(run, isThere))
  const ask = async (crashing?: number): Promise<Process> => {
    let asking: Promise<void> | undefined
    const process = run.start((life) => {
      asking = answered(run, life, place)
    }, crashing)
    await asking
    return process
  }
  const first = await ask(crashAtEffect)
  await run.relayed()
  judge(first.alive)
  // With the order there, the client may well have gone away: nothing that is to come of it may depend on its asking again.
  const isPlaced = rowOf(run, order.id) !== undefined
  if (!first.alive) {
    run.tell(words("{0:이/가} 다시 시작해요", "{0} is started again", orderService))
    if (!isPlaced) placedAt = run.clock.now()
    if (!inTheEnd || !isPlaced) await ask()
    await run.relayed()
    judge(true)
  }
  if (later) {
    run.reader.prepare("UPDATE orders SET status = ?").run(later)
    if (later !== "PENDING") run.tell(words("{0:이/가} {1:이/가} 돼요", "{0} becomes {1}", code(order.id), later))
    await ask()
    await run.relayed()
    judge(true)
    const status = rowOf(run, order.id)?.status ?? ""
    const headline = words("{0}였던 {1}의 status가 이제 {2}", "{1} was {0}, and is {2} now", later, code(order.id), status)
    run.judge(status === later ? undefined : { kind: "DUPLICATED", headline })
  }
  await inTheEnd?.(run, placedAt)
  return !first.alive
}

/** Lets the client ask, and tells what it hears. Nothing is wrong with no answer from a process that has crashed. */
async function answered(run: OrderServiceRun, life: Life, place: Placing["place"]): Promise<void> {
  const { process } = life
  const expected = rowOf(run, order.id)?.status ?? "PENDING"
  const isFirst = !run.history.steps.some(({ words }) => words?.en === placed.en)
  run.tell(isFirst ? placed : words("손님이 {0:을/를} 다시 주문해요", "the client places {0} again", code(order.id)))
  const began = run.clock.now()
  let ending: { at: number; value: Status; row: Row | undefined } | { at: number; error: unknown } | undefined
  const ended = () => ending
  const begin = async () => place(life, order, run)
  begin().then(
    (value) => {
      ending = { at: run.clock.now(), value, row: rowOf(run, order.id) }
      if (process.alive) run.tell(words("{0}의 답: {1}", "{0} answers {1}", orderService, said(value)))
    },
    (error: unknown) => {
      ending = { at: run.clock.now(), error }
    },
  )
  await run.clock.settle()
  if (!process.alive) return
  if (!ended()) await waits(run, began, ended)
  const end = ended()
  if (!end) return
  if ("error" in end) throw end.error
  const now = words(
    "손님이 답을 들은 순간 {0:은/는} 저장돼 있지 않아요",
    "when the client hears the answer, {0} is not stored",
    code(order.id),
  )
  const note = words("이때 죽으면 주문은 없던 일이 돼요", "a crash at this moment, and there never was an order")
  if (!end.row) run.judge({ kind: "LOST", headline: now, note })
  if (end.row && end.row.status !== expected) {
    wrong(run, words("orders의 status는 {1}, 맞는 값은 {0}", "status in orders is {1}, and should be {0}", expected, end.row.status))
  }
  if (end.value !== expected) wrong(run, words("맞는 답은 {0}", "the answer should be {0}", expected))
}

/** A transaction that is returned and not called is a function: its text would say nothing. */
function said(value: unknown): string | Words {
  return typeof value === "function" ? words("상태가 아닌 함수", "with a function, not with a status") : String(value)
}

/** There was no answer at once: how long does the client wait? */
async function waits(run: OrderServiceRun, began: number, ended: () => { readonly at: number } | undefined): Promise<void> {
  await run.clock.advance(1_000)
  const at = ended()?.at
  if (at !== undefined) {
    const headline = words("손님은 답을 들으려고 {0}ms를 기다려요", "the client waits for {0} ms until it has its answer", at - began)
    run.judge({ kind: "STUCK", headline })
  }
  run.tell(words("한 시간이 지나요", "an hour passes"))
  await run.passTo(began + hourMs - 1)
  run.judge({ kind: "STUCK", headline: words("손님은 한 시간이 지나도록 답을 듣지 못해요", "after an hour the client has no answer") })
}

/** The row and the event: neither without the other. */
function eventMatchesRow(run: OrderServiceRun, isThere: boolean): Finding | undefined {
  const row = rowOf(run, order.id)
  const events = run.heard.filter((event) => (event as { type?: string }).type === "OrderCreated")
  const found = (kind: AnomalyKind, ko: string, en: string) => ({ kind, headline: words(ko, en, code(order.id)) })
  if (!row && events.length > 0)
    return found("PHANTOM", "{0}의 OrderCreated가 나갔는데 그런 주문은 없어요", "OrderCreated of {0} went out, and there is no such order")
  if (!row) return isThere ? found("LOST", "{0:이/가} 저장되지 않았어요", "{0} was not stored") : undefined
  if (events.length > 1) return found("DUPLICATED", "{0}의 OrderCreated가 두 번 나갔어요", "OrderCreated of {0} went out twice")
  const lost = found("LOST", "{0:은/는} 저장됐는데 OrderCreated가 나가지 않았어요", "{0} is stored, and OrderCreated did not go out")
  if (events.length === 0)
    return { ...lost, note: words("아무도 검증하지 않으니 언제까지나 PENDING이에요", "nobody validates it: it is PENDING for ever") }
  const differs = difference(events[0], { type: "OrderCreated", order })
  if (differs) wrong(run, differing(words("이벤트", "the event"), differs.path, differs.came, differs.expected))
  const stored = { consumerId: row.consumer_id, items: parsed(row.items) }
  const inRow = difference(stored, { consumerId: order.consumerId, items: order.items })
  if (inRow) wrong(run, differing(words("orders의 행", "the row in orders"), inRow.path, inRow.came, inRow.expected))
  return undefined
}

function differing(what: Words, path: string, came: unknown, expected: unknown): Words {
  return words("{0}의 {1}: {2}, 맞는 값은 {3}", "{1} of {0}: {2}, and should be {3}", what, code(path), shown(came), shown(expected))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Something is wrong that is not about a message. */
export function wrong(run: OrderServiceRun, headline: Words): never {
  throw new Wrong(
    headline,
    run.history.steps.flatMap((step) => step.words ?? []),
  )
}
