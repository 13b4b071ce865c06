import { test } from "vitest"
import { type Order, orderFromJson, orderToJson } from "#work/3.1.4-message-formats/1-json.ts"
import { code, type Words, words } from "../support/language.ts"
import { outcomeOf } from "../support/outcome.ts"
import { complaint } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"

const placedAt = new Date("2024-08-15T09:53:00Z")
const order: Order = { orderId: 42n, placedAt, totalCents: 4_350n, note: "no egg" }
const withoutNote: Order = { orderId: 42n, placedAt, totalCents: 4_350n }

const given: readonly { readonly text: string; readonly order: Order }[] = [
  { text: '{"orderId":"42","placedAt":"2024-08-15T09:53:00Z","total":"43.50","note":"no egg"}', order },
  { text: '{"orderId":"42","placedAt":"2024-08-15T18:53:00+09:00","total":"43.50","note":"no egg"}', order },
  {
    text: '{"orderId":"9007199254740993","placedAt":"2024-08-15T09:53:00Z","total":"43.50","note":"no egg"}',
    order: { ...order, orderId: 9_007_199_254_740_993n },
  },
  { text: '{"orderId":"42","placedAt":"2024-08-15T09:53:00Z","total":"4.35","note":"no egg"}', order: { ...order, totalCents: 435n } },
  { text: '{"orderId":"42","placedAt":"2024-08-15T09:53:00Z","total":"0.05","note":"no egg"}', order: { ...order, totalCents: 5n } },
  {
    text: '{"orderId":"42","placedAt":"2024-08-15T09:53:00Z","total":"90071992547409.93"}',
    order: { ...withoutNote, totalCents: 9_007_199_254_740_993n },
  },
  { text: '{"orderId":"42","placedAt":"2024-08-15T09:53:00Z","total":"43.50","note":null}', order: withoutNote },
  { text: '{"orderId":"42","placedAt":"2024-08-15T09:53:00Z","total":"43.50"}', order: withoutNote },
  // The old service: numbers, and whatever JSON leaves of their zeros.
  {
    text: '{"orderId":9007199254740993,"placedAt":"2024-08-15T09:53:00Z","total":43.5,"note":"no egg"}',
    order: { ...order, orderId: 9_007_199_254_740_993n },
  },
  { text: '{"orderId":42,"placedAt":"2024-08-15T09:53:00Z","total":43.5,"note":"no egg"}', order },
  { text: '{"orderId":42,"placedAt":"2024-08-15T09:53:00Z","total":4,"note":"no egg"}', order: { ...order, totalCents: 400n } },
  { text: '{"orderId":42,"placedAt":"2024-08-15T09:53:00Z","total":1.15,"note":"no egg"}', order: { ...order, totalCents: 115n } },
]

test("[1] the order is what the other service wrote, to the last digit", () => {
  for (const { text, order: expected } of given) {
    const read = outcomeOf(() => orderFromJson(text))
    const step = words("받은 글자: {0}", "the text: {0}", code(text))
    if ("thrown" in read) throw new Wrong(words("읽지 못했어요: {0}", "it cannot be read: {0}", complaint(read.thrown)), [step])
    const came = read.value
    const field = (["orderId", "placedAt", "totalCents", "note"] as const).find((name) => said(came?.[name]) !== said(expected[name]))
    if (!field) continue
    throw new Wrong(words("{0} 필드가 글자와 달라요", "{0} is not what the text says", code(field)), [
      step,
      words("읽은 것: {0}", "what was read: {0}", code(said(came?.[field]))),
      words("기대한 것: {0}", "expected: {0}", code(said(expected[field]))),
    ])
  }
})

/** A value with its type: `42n` is no `42`, and a `Date` no string. */
function said(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : `Date ${value.toISOString()}`
  return JSON.stringify(value) ?? "undefined"
}

const written: readonly Order[] = [
  { ...order, orderId: 9_007_199_254_740_993n },
  { ...order, orderId: 2n ** 64n - 1n },
  order,
  { ...order, totalCents: 405n },
  { ...order, totalCents: 5n },
  { ...order, totalCents: 0n },
  { ...order, totalCents: 9_007_199_254_740_993n },
  { ...order, placedAt: new Date("2024-08-15T09:53:00.250Z") },
  withoutNote,
]

test("[2] whoever reads the text with a plain JSON.parse gets the same order", () => {
  for (const each of written) {
    const made = outcomeOf(() => orderToJson(each))
    const step = words("주문: {0}", "the order: {0}", code(inOneLine(each)))
    if ("thrown" in made) throw new Wrong(words("쓰지 못했어요: {0}", "it cannot be written: {0}", complaint(made.thrown)), [step])
    const steps = [step, words("쓴 글자: {0}", "the text: {0}", code(String(made.value)))]
    const read = outcomeOf(() => JSON.parse(made.value) as Record<string, unknown>)
    if ("thrown" in read) throw new Wrong(words("쓴 글자가 JSON이 아니에요", "the text is no JSON"), steps)
    const flaw = flawOf(each, read.value)
    if (flaw) throw new Wrong(flaw, steps)
  }
})

function flawOf(order: Order, read: Record<string, unknown>): Words | undefined {
  const shows = (value: unknown) => code(JSON.stringify(value) ?? "undefined")
  if (typeof read.orderId === "number") {
    return words(
      "`orderId`가 수라서, `JSON.parse`로 읽는 앱은 {0}번 주문을 찾아요",
      "`orderId` is a number: an app that reads it with `JSON.parse` looks for order {0}",
      String(BigInt(read.orderId)),
    )
  }
  if (read.orderId !== String(order.orderId))
    return words("읽은 쪽의 `orderId`는 {0:이에요/예요}", "`orderId` is {0} for whoever reads it", shows(read.orderId))
  const instant =
    typeof read.placedAt === "string" && /T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(read.placedAt)
      ? Date.parse(read.placedAt)
      : undefined
  if (instant === undefined) {
    return words(
      "`placedAt`이 {0:이라/라} 어느 시간대인지 알 수 없어요",
      "`placedAt` is {0}, which names no time zone",
      shows(read.placedAt),
    )
  }
  if (instant !== order.placedAt.getTime())
    return words("`placedAt`이 다른 순간이에요: {0}", "`placedAt` is another moment: {0}", shows(read.placedAt))
  const digits = typeof read.total === "string" && /^\d+\.\d\d$/.test(read.total) ? read.total.replace(".", "") : undefined
  if (digits === undefined)
    return words(
      "`total`이 따옴표 안의 소수점 두 자리 금액이 아니라 {0:이에요/예요}",
      "`total` is no amount with two places, in quotes, but {0}",
      shows(read.total),
    )
  if (BigInt(digits) !== order.totalCents)
    return words("`total`이 다른 금액이에요: {0}", "`total` is another amount: {0}", shows(read.total))
  if (read.note === order.note && "note" in read === "note" in order) return undefined
  return words("읽은 쪽의 `note`는 {0:이에요/예요}", "`note` is {0} for whoever reads it", shows(read.note))
}

function inOneLine(order: Order): string {
  return `{ ${Object.entries(order)
    .map(([name, value]) => `${name}: ${said(value)}`)
    .join(", ")} }`
}
