import { test } from "vitest"
import * as work from "#work/3.3.1-messaging-overview/1-kinds-of-message.ts"
import { code, type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"

const kinds: { type: Parameters<typeof work.kindOf>[0]; kind: work.Kind; why: Words }[] = [
  { type: "CookOrder", kind: "command", why: words("주방에 요리하라고 해요", "it tells the kitchen to cook") },
  { type: "OrderPlaced", kind: "event", why: words("주문이 들어왔다는 사실을 말해요", "it says that an order has been placed") },
  {
    type: "OrderDetails",
    kind: "document",
    why: words(
      "주문의 내용을 담고, 무엇을 하라고도 무슨 일이 있었다고도 하지 않아요",
      "it carries an order's data, and neither asks for anything nor says that anything happened",
    ),
  },
  {
    type: "CardDeclined",
    kind: "event",
    why: words(
      "카드 회사에서 이미 일어난 일이에요. 무엇을 할지는 듣는 쪽이 정해요",
      "it has happened at the card company. What to do about it is up to whoever hears it",
    ),
  },
  {
    type: "RefundPayment",
    kind: "command",
    why: words("환불하라고 해요. 아직 일어나지 않은 일이에요", "it tells somebody to refund. It has not happened yet"),
  },
  { type: "MenuOfTheDay", kind: "document", why: words("오늘의 메뉴라는 자료예요", "it is data: today's menu") },
]

test("[1] a command asks, an event tells, a document carries", () => {
  for (const { type, kind, why } of kinds) {
    const got = work.kindOf(type)
    if (got === kind) continue
    throw new Wrong(
      words(
        "{0}의 답이 {1:이에요/예요}. 맞는 답은 {2:이에요/예요}",
        "the answer for {0} is {1}, and should be {2}",
        code(type),
        String(got),
        kind,
      ),
      [why],
    )
  }
})

const order: work.Order = { orderId: "order-7", items: ["pizza", "tea"], cents: 1_890 }
const sender: work.Sender = { service: "order-service", replyTo: "replies-1", correlationId: "q-1" }

/** A gateway on the way: the body is sealed for it. It sees headers and nothing else. */
function gatewaySees(message: work.Message): Record<string, string | undefined> {
  return { ...message.headers }
}

function expectHeaders(name: string, message: work.Message, expected: Readonly<Record<string, string>>): void {
  const headers = gatewaySees(message)
  for (const [header, value] of Object.entries(expected)) {
    if (headers[header] === value) continue
    throw new Wrong(
      words(
        "{0}의 헤더 {1:이/가} {2:이에요/예요}. 맞는 값은 {3:이에요/예요}",
        "the header {1} of {0} is {2}, and should be {3}",
        code(name),
        code(header),
        String(headers[header]),
        value,
      ),
      [told(message)],
      words("메시지를 나르는 쪽은 본문을 열지 않아요", "whoever carries the message does not open its body"),
    )
  }
  const unknown = Object.keys(headers).find((header) => !(header in expected))
  if (unknown === undefined) return
  throw new Wrong(
    words("{0}에 없어야 할 헤더 {1:이/가} 있어요", "{0} has the header {1}, which does not belong there", code(name), code(unknown)),
    [told(message)],
  )
}

function expectBody(name: string, message: work.Message, expected: object): void {
  const got = Object.keys((message.body ?? {}) as object).sort()
  const stray = got.find((field) => !(field in expected))
  const sentence =
    stray === undefined
      ? words("{0}의 본문이 기대와 달라요", "the body of {0} is not what is expected", code(name))
      : words("{0}의 본문에 없어야 할 {1:이/가} 있어요", "the body of {0} has {1}, which does not belong there", code(name), code(stray))
  if (stray === undefined && canonical(message.body) === canonical(expected)) return
  throw new Wrong(sentence, [told(message), words("맞는 본문: {0}", "expected body: {0}", JSON.stringify(expected))])
}

const canonical = (value: unknown) => JSON.stringify(Object.entries((value ?? {}) as object).sort())

function told(message: work.Message): Words {
  return words("헤더 {0}, 본문 {1}", "headers {0}, body {1}", JSON.stringify(message.headers), JSON.stringify(message.body))
}

test("[2] whoever carries a message finds what it needs in the headers", () => {
  expectHeaders("CookOrder", work.cookOrder(order, sender), {
    type: "CookOrder",
    "sent-by": "order-service",
    "reply-to": "replies-1",
    "correlation-id": "q-1",
  })
  expectHeaders("OrderPlaced", work.orderPlaced(order, sender), { type: "OrderPlaced", "sent-by": "order-service" })
})

test("[2] the body has what the receiver needs, and no more", () => {
  expectBody("CookOrder", work.cookOrder(order, sender), { orderId: "order-7", items: ["pizza", "tea"] })
  expectBody("OrderPlaced", work.orderPlaced(order, sender), order)
})
