import { test } from "vitest"
import { decodeOrder, encodeOrder, type Order, withReadyInMinutes } from "#work/3.1.4-message-formats/4-order-message.ts"
import { code, type Words, words } from "../support/language.ts"
import { outcomeOf } from "../support/outcome.ts"
import { complaint, difference, shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { bytesOf, hex, laterOrderType, orderType, plain } from "./peers.ts"

const items = [
  { name: "bibimbap", quantity: 2 },
  { name: "김치", quantity: 1 },
]

const written: readonly Order[] = [
  { orderId: 300n, items: [], note: "no egg" },
  { orderId: 300n, items, note: "no egg" },
  { orderId: 9_007_199_254_740_993n, items: items.slice(1), note: "" },
  { orderId: 2n ** 64n - 1n, items: [{ name: "tea".repeat(60), quantity: 300 }], note: "문 앞에" },
]

/** An order as JSON can show it. */
const json = ({ orderId, items, note }: Order) => ({ orderId: String(orderId), items: [...items], note })

test("[7] another library reads the orders that are encoded", () => {
  for (const order of written) {
    const step = words("주문: {0}", "the order: {0}", shown(json(order)))
    const made = outcomeOf(() => encodeOrder(order))
    if ("thrown" in made) throw new Wrong(words("쓰지 못했어요: {0}", "it cannot be encoded: {0}", complaint(made.thrown)), [step])
    const steps = [step, words("쓴 바이트: {0}", "the bytes: {0}", hex(made.value))]
    const read = outcomeOf(() => plain(orderType, made.value))
    if ("thrown" in read)
      throw new Wrong(
        words("주문 서비스의 라이브러리가 읽지 못해요: {0}", "the order service's library cannot read it: {0}", complaint(read.thrown)),
        steps,
      )
    fail(difference(pick(read.value), json(order)), steps, "주문 서비스가 읽은", "the order service")
  }
})

/** The kitchen's fields of an order. */
function pick({ orderId, items, note }: Record<string, unknown>): Record<string, unknown> {
  return { orderId, items, note }
}

function fail(found: ReturnType<typeof difference>, steps: readonly Words[], ko: string, en: string): void {
  if (!found) return
  throw new Wrong(words(`${ko} {0} 필드가 달라요`, `{0} is wrong for ${en}`, code(found.path)), [
    ...steps,
    words("읽은 것: {0}", "what was read: {0}", shown(found.came)),
    words("기대한 것: {0}", "expected: {0}", shown(found.expected)),
  ])
}

/** The bytes, and what the other library says of them. */
function received(news: Words, message: Uint8Array): Words {
  const meaning = shown(laterOrderType.toObject(laterOrderType.decode(message), { longs: String }))
  return words("받은 바이트({0}): {1}, 곧 {2}", "the bytes ({0}): {1}, which say {2}", news, hex(message), meaning)
}

/** What is one message if it stands one behind the other. */
const joined = (...parts: readonly object[]) => Uint8Array.from(parts.flatMap((part) => [...bytesOf(laterOrderType, part)]))

const given: readonly { readonly news: Words; readonly message: Uint8Array }[] = [
  { news: words("주방이 아는 필드만", "only fields that the kitchen knows"), message: joined({ orderId: "300", items, note: "no egg" }) },
  { news: words("큰 번호", "a great id"), message: joined({ orderId: "9007199254740993", items, note: "no egg" }) },
  { news: words("비어 있는 메시지", "an empty message"), message: new Uint8Array() },
  { news: words("메모 없이", "without a note"), message: joined({ orderId: "300", items }) },
  {
    news: words("지금의 주문 서비스가 보내는 모든 필드", "all the fields that the order service sends today"),
    message: joined({ orderId: "300", customerId: "customer-7", placedAtMs: "1723715580000", totalCents: 4350, items, note: "no egg" }),
  },
  {
    news: words("필드의 차례가 달라요", "the fields in another order"),
    message: joined({ note: "no egg" }, { items }, { orderId: "300" }),
  },
  {
    news: words("항목 사이에 다른 필드", "another field between the items"),
    message: joined({ items: items.slice(0, 1) }, { orderId: "300" }, { items: items.slice(1) }),
  },
  {
    news: words("다음 버전의 필드", "fields of the next version"),
    message: joined({
      doorCode: "0815#",
      shop: 7,
      tip: 1.5,
      orderId: "300",
      items: items.map((item) => ({ ...item, options: ["hot"], recipe: "5" })),
    }),
  },
]

test("[8] an order is what another library has encoded", () => {
  for (const { news, message } of given) {
    const steps = [received(news, message)]
    const read = outcomeOf(() => decodeOrder(message))
    if ("thrown" in read) throw new Wrong(words("읽지 못했어요: {0}", "it cannot be decoded: {0}", complaint(read.thrown)), steps)
    const { orderId, items: had, note } = read.value ?? {}
    const came = { orderId: typeof orderId === "bigint" ? String(orderId) : orderId, items: had, note }
    const expected = pick(plain(orderType, message))
    fail(difference(came, expected), steps, "주방이 읽은", "the kitchen")
  }
})

test("[9] the order that is passed on has its time, and everything that was in it", () => {
  const timed = {
    news: words("이미 다른 시간이 적혀 있어요", "it has a time already"),
    message: joined({ orderId: "300", items, readyInMinutes: 45 }),
  }
  for (const { news, message } of [...given, timed]) {
    const made = outcomeOf(() => withReadyInMinutes(message.slice(), 20))
    const got = received(news, message)
    if ("thrown" in made) throw new Wrong(words("넘겨주지 못했어요: {0}", "it cannot be passed on: {0}", complaint(made.thrown)), [got])
    const steps = [got, words("넘겨준 바이트: {0}", "the bytes passed on: {0}", hex(made.value))]
    const read = outcomeOf(() => plain(laterOrderType, made.value))
    if ("thrown" in read)
      throw new Wrong(words("다음 사람이 읽지 못해요: {0}", "whoever comes next cannot read it: {0}", complaint(read.thrown)), steps)
    fail(difference(read.value, { ...plain(laterOrderType, message), readyInMinutes: 20 }), steps, "다음 사람이 읽은", "whoever comes next")
  }
})
