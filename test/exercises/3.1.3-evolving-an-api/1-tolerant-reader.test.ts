import { test } from "vitest"
import { readTicket, type Ticket, withStations } from "#work/3.1.3-evolving-an-api/1-tolerant-reader.ts"
import { Anomaly, failure } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { outcomeOf } from "../support/outcome.ts"
import { complaint, difference, shown } from "../support/said.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"

interface Case {
  readonly body: Readonly<Record<string, unknown>> & {
    readonly items: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[]
  }
  readonly ticket: Ticket
  /** What is new about this event. */
  readonly news: Words
}

const bibimbap = { name: "bibimbap", quantity: 2 }
const tea = { name: "tea", quantity: 1 }
const plain = { orderId: "order-1", items: [bibimbap], handOver: "delivery", note: "no egg" } as const

const readable: readonly Case[] = [
  { body: plain, ticket: plain, news: words("지금까지와 같은 이벤트", "the event as it has always been") },
  {
    body: { ...plain, orderId: "order-2", doorCode: "0815#" },
    ticket: { ...plain, orderId: "order-2" },
    news: words("필드가 하나 늘었어요", "one more field"),
  },
  {
    body: { ...plain, orderId: "order-3", items: [{ ...bibimbap, options: ["extra rice"] }, tea] },
    ticket: { ...plain, orderId: "order-3", items: [bibimbap, tea] },
    news: words("항목에 필드가 하나 늘었어요", "one more field in an item"),
  },
  {
    body: { orderId: "order-4", items: [bibimbap], handOver: "delivery" },
    ticket: { ...plain, orderId: "order-4", note: "" },
    news: words("`note`가 없어요", "no `note`"),
  },
  {
    body: { ...plain, orderId: "order-5", handOver: "drone" },
    ticket: { ...plain, orderId: "order-5", handOver: "other" },
    news: words("`handOver`에 새로운 값이 왔어요", "a new value in `handOver`"),
  },
  {
    body: { schema: 9, items: [{ options: [], quantity: 1, name: "tea", price: 3_000 }], handOver: "pickup", orderId: "order-6" },
    ticket: { orderId: "order-6", items: [tea], handOver: "pickup", note: "" },
    news: words("필드의 순서가 바뀌고, 여러 필드가 늘었어요", "fields in another order, and more of them"),
  },
]

const kitchen: Words = { ko: "주방", en: "the kitchen" }
const message = (body: unknown) => `${(body as Ticket).orderId} created`

test("[1] an event with more in it than the kitchen knows is read, and not lost", async () => {
  for (const { body, news } of readable) {
    await using run = new Station({ name: (sent) => ({ message: message(sent) }) })
    const queue = run.process(kitchen).broker.queue<unknown>("orders")
    run.history.add({
      process: "",
      event: "told",
      words: words(
        "주문 서비스가 {0:을/를} 보내요({1}): {2}",
        "the order service sends {0} ({1}): {2}",
        code(message(body)),
        news,
        shown(body),
      ),
    })
    await queue.send(body)
    const complaints = new Set<string>()
    queue.consume(
      (delivery) => {
        const read = outcomeOf(() => readTicket(delivery.body))
        if ("value" in read) return
        complaints.add(complaint(read.thrown))
        throw new Refusal("the kitchen cannot read it")
      },
      { attemptsMax: 3 },
    )
    await run.clock.advance(10_000)
    run.judge()
    if (queue.deadLetters.list().length === 0) continue
    const refuses = words(
      "주방은 세 번 받아 세 번 다 거절해요: {0}",
      "the kitchen gets it three times and refuses it: {0}",
      [...complaints].join("; "),
    )
    run.history.add({ process: kitchen.en, event: "told", words: refuses })
    const headline = words(
      "{0:이/가} 처리되지 못하고 데드 레터(dead letter)가 됐어요",
      "{0} was never handled: it is a dead letter now",
      code(message(body)),
    )
    throw new Anomaly({ kind: "LOST", headline }, run.history)
  }
})

test("[1] the ticket says what the event says", () => {
  for (const { body, ticket, news } of readable) {
    const read = outcomeOf(() => readTicket(structuredClone(body)))
    // That it throws is told by the test above.
    if ("thrown" in read) continue
    const { orderId, items, handOver, note } = read.value ?? {}
    const known = Array.isArray(items) ? items.map((item) => ({ name: item?.name, quantity: item?.quantity })) : items
    const found = difference({ orderId, items: known, handOver, note }, ticket)
    if (!found) continue
    const headline = words("전표의 {0} 필드가 이벤트와 달라요", "{0} on the ticket is not what the event says", code(found.path))
    throw new Wrong(headline, [
      words("이벤트({0}): {1}", "the event ({0}): {1}", news, shown(body)),
      words("전표에 적힌 것: {0}", "on the ticket: {0}", shown(found.came)),
      words("기대한 것: {0}", "expected: {0}", shown(found.expected)),
    ])
  }
})

const unreadable: readonly { readonly body: unknown; readonly flaw: Words }[] = [
  { body: { ...plain, items: [{ name: "bibimbap" }] }, flaw: words("수량이 없어요", "no quantity") },
  { body: { ...plain, items: [bibimbap, { quantity: 1 }] }, flaw: words("둘째 항목에 이름이 없어요", "the second item has no name") },
  { body: { ...plain, items: [{ ...bibimbap, quantity: "two" }] }, flaw: words("수량이 수가 아니에요", "the quantity is no number") },
  { body: { ...plain, items: [{ ...bibimbap, quantity: 0 }] }, flaw: words("수량이 0이에요", "the quantity is 0") },
  { body: { ...plain, items: [{ ...bibimbap, quantity: 1.5 }] }, flaw: words("수량이 정수가 아니에요", "the quantity is not whole") },
  { body: { ...plain, items: [] }, flaw: words("항목이 하나도 없어요", "no item at all") },
  { body: { orderId: "order-1", handOver: "pickup" }, flaw: words("`items`가 없어요", "no `items`") },
  { body: { items: [bibimbap], handOver: "pickup" }, flaw: words("주문 번호가 없어요", "no order id") },
]

test("[1] an event that nobody could cook from is refused, and nothing is made up", () => {
  for (const { body, flaw } of unreadable) {
    const read = outcomeOf(() => readTicket(structuredClone(body)))
    if ("thrown" in read) continue
    throw failure(
      "PHANTOM",
      words("주방이 요리할 수 없는 이벤트로 요리를 시작해요", "the kitchen starts cooking from an event that nobody could cook from"),
      [
        words("이벤트({0}): {1}", "the event ({0}): {1}", flaw, shown(body)),
        words("readTicket()은 예외를 던지지 않고 {0:을/를} 돌려줘요", "readTicket() does not throw and returns {0}", shown(read.value)),
      ],
    )
  }
})

test("[2] what the kitchen passes on is the event as it came, with a station in each item", () => {
  const stations = new Map([
    ["bibimbap", "wok"],
    ["tea", "bar"],
  ])
  for (const { body, news } of readable) {
    const items = body.items.map((item) => ({ ...item, station: stations.get(item.name) }))
    const passedOn = withStations(structuredClone(body), (name) => stations.get(name) ?? "nowhere")
    const found = difference(passedOn, { ...body, items })
    if (!found) continue
    throw new Wrong(changed(found), [
      words("주방이 받은 이벤트({0}): {1}", "the kitchen gets ({0}): {1}", news, shown(body)),
      words("넘겨준 이벤트: {0}", "it passes on: {0}", shown(passedOn)),
    ])
  }
})

function changed({ path, came, expected }: { path: string; came: unknown; expected: unknown }): Words {
  if (path === "") return words("이벤트가 아니라 {0:이/가} 왔어요", "what comes is no event but {0}", shown(came))
  const field = code(path)
  if (came === undefined)
    return words(
      "{0} 필드가 사라져서, 다음 사람은 {1:을/를} 받지 못해요",
      "{0} is gone: whoever comes next misses {1}",
      field,
      shown(expected),
    )
  if (expected === undefined) return words("이벤트에 없던 {0} 필드가 생겼어요", "{0} is there, which was not in the event", field)
  return words("{0} 필드가 {1}에서 {2:으로/로} 바뀌었어요", "{0} was {1} and is {2} now", field, shown(expected), shown(came))
}
