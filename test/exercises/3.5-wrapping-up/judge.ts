import { type Anomaly, type AnomalyKind, anomaly, type Outcome } from "#waystation/testing"
import { code, type Words, words } from "../support/language.ts"

export const validators = ["consumer", "kitchen", "card"] as const
export type By = (typeof validators)[number]

/** What befalls a run beside the faults. */
export interface Fate {
  /** Who says no to which order. */
  readonly no: ReadonlyMap<string, By>
  /** Who is down from the start, for how long; it may be for ever. */
  readonly down: By | undefined
  readonly forMs: number
  /** Whose handler fails on its first message, more often in a row than a consumer bears that was told nothing else. */
  readonly stumbles?: By | "order" | "deadline"
}

export const files: readonly string[] = ["orders.db", ...validators.map((by) => `${by}.db`)]

export function inOutboxes(outcome: Outcome): number {
  const waiting = files.map((file) => Number(outcome.open(file).prepare("SELECT count(*) FROM waystation_outbox").pluck().get()))
  return waiting.reduce((sum, one) => sum + one, 0)
}

export const serviceName: Readonly<Record<string, Words>> = {
  order: { ko: "주문 서비스", en: "the order service" },
  consumer: { ko: "소비자 서비스", en: "the consumer service" },
  kitchen: { ko: "주방 서비스", en: "the kitchen service" },
  card: { ko: "카드 서비스", en: "the card service" },
}

/** All that the files know of one order in the end. */
interface Traces {
  readonly order: string
  readonly status: string | undefined
  /** How often it was decided. */
  readonly decisions: number
  /** What each service holds for it: one state, if all is well. */
  readonly states: Readonly<Record<By, readonly string[]>>
}

/** What must hold whatever befell the run, for every order that a customer was told of. */
export function whatIsWrong(outcome: Outcome, fate: Fate, told: readonly string[]): Anomaly | undefined {
  for (const order of told) {
    const traces = tracesOf(outcome, order)
    const found = wrongStatus(traces, fate) ?? validators.map((by) => wrongState(traces, by, fate)).find((one) => one !== undefined)
    if (found) return found
  }
  const isCalm = !outcome.history.some(({ event }) => event === "fault")
  const late = told.find((order) => isCalm && !fate.down && !fate.no.has(order) && tracesOf(outcome, order).status !== "VALIDATED")
  if (late === undefined) return undefined
  return finding(
    "LOST",
    late,
    "{0}: 셋 다 살아 있는데 시한이 지나 거절됐어요",
    "{0} was rejected by its deadline, though all three were up",
    code(late),
  )
}

function wrongStatus({ order, status, decisions }: Traces, fate: Fate): Anomaly | undefined {
  if (status === undefined)
    return finding(
      "LOST",
      order,
      "고객은 접수됐다고 들었는데 {0:이/가} 없어요",
      "the customer was told of {0}, and there is none",
      code(order),
    )
  if (status === "PENDING") return finding("STUCK", order, "{0:이/가} PENDING에 머물러 있어요", "{0} stays PENDING", code(order))
  if (decisions > 1) return finding("DUPLICATED", order, "{0:이/가} {1}번 판정됐어요", "{0} was decided {1} times", code(order), decisions)
  const without = fate.no.get(order) ?? (fate.forMs === Number.POSITIVE_INFINITY ? fate.down : undefined)
  if (status === "REJECTED" || !without) return undefined
  return finding(
    "PHANTOM",
    order,
    "{1}의 승인 없이 {0:이/가} VALIDATED예요",
    "{0} is VALIDATED without a yes of {1}",
    code(order),
    nameOf(without),
  )
}

function wrongState({ order, status, states }: Traces, by: By, fate: Fate): Anomaly | undefined {
  if (fate.down === by && fate.forMs === Number.POSITIVE_INFINITY) return undefined
  const [state, second] = states[by]
  const who = nameOf(by)
  if (state === undefined) return finding("LOST", order, "{1}에 {0}의 예약이 없어요", "{1} has no reservation for {0}", code(order), who)
  if (second !== undefined)
    return finding(
      "DUPLICATED",
      order,
      "{1}에 {0}의 예약이 {2}개 있어요",
      "{1} has {2} reservations for {0}",
      code(order),
      who,
      states[by].length,
    )
  const expected = fate.no.get(order) === by ? "REFUSED" : status === "VALIDATED" ? "CONFIRMED" : "RELEASED"
  if (state === expected) return undefined
  const kind: AnomalyKind = state === "HELD" ? "STUCK" : "PHANTOM"
  return finding(
    kind,
    order,
    "{0:은/는} {3}인데 {1}의 예약은 {2}예요",
    "{0} is {3}, and its reservation with {1} is {2}",
    code(order),
    who,
    state,
    status ?? "",
  )
}

function tracesOf(outcome: Outcome, order: string): Traces {
  const ask = (file: string, sql: string) => outcome.open(file).prepare(sql).pluck().all(order).map(String)
  const of = (by: By) => ask(`${by}.db`, "SELECT state FROM reservation WHERE order_id = ?")
  const [status] = ask("orders.db", "SELECT status FROM orders WHERE id = ?")
  const decisions = ask("orders.db", "SELECT status FROM decided WHERE order_id = ?").length
  return { order, status, decisions, states: { consumer: of("consumer"), kitchen: of("kitchen"), card: of("card") } }
}

const nameOf = (by: By): Words => serviceName[by] as Words

function finding(kind: AnomalyKind, order: string, ko: string, en: string, ...parts: readonly (string | number | Words)[]): Anomaly {
  return { ...anomaly(kind, { ...words(ko, en, ...parts) }), id: order }
}
