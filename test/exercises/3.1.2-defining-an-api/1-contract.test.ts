import { test } from "vitest"
import { createOrder, orderEvent, type Schema } from "#work/3.1.2-defining-an-api/1-contract.ts"
import { type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"

type Case = readonly [body: unknown, why: Words]

const items = [{ dish: "bibimbap", quantity: 2 }]
const order = { customerId: "customer-1", items }
const bibimbap = (quantity: unknown) => ({ ...order, items: [{ dish: "bibimbap", quantity }] })

const required = (field: string) => words("{0:은/는} 없으면 안 돼요", "{0} is required", `\`${field}\``)
const optional = (field: string) => words("{0:은/는} 없어도 돼요", "{0} is optional", `\`${field}\``)
const fine = words("모든 필드가 표와 맞아요", "every field is as the table has it")
const wholeNumber = words("`quantity`는 1 이상의 정수예요", "`quantity` is a whole number from 1")
const notEmpty = words("빈 문자열로는 무엇도 가리킬 수 없어요", "an empty string names nothing")
const noteIsText = words(
  "`note`는 없거나 문자열이에요. `null`은 문자열이 아니에요",
  "`note` is a string, or not there: `null` is no string",
)
const notText = words("문자열이어야 해요", "it has to be a string")
const notList = words("`items`는 하나 이상의 목록이에요", "`items` is a list of one or more")

test("[1] createOrder() lets every valid request pass", async () => {
  await accepts("createOrder()", createOrder, [
    [order, optional("note")],
    [{ ...order, note: "less spicy" }, fine],
    [{ ...order, note: "" }, words("빈 메모도 메모예요", "an empty note is a note")],
    [{ ...order, items: [...items, { dish: "japchae", quantity: 1 }] }, fine],
  ])
})

test("[1] createOrder() refuses what lacks a required field", async () => {
  await refuses("createOrder()", createOrder, [
    [{ items }, required("customerId")],
    [{ customerId: "customer-1" }, required("items")],
    [{ ...order, items: [{ quantity: 2 }] }, required("dish")],
    [{ ...order, items: [{ dish: "bibimbap" }] }, required("quantity")],
    [{}, required("customerId")],
  ])
})

test("[1] createOrder() refuses a field of the wrong kind", async () => {
  await refuses("createOrder()", createOrder, [
    [bibimbap("2"), words('`quantity`는 수예요. 문자열 `"2"`가 아니에요', '`quantity` is a number, and not the string `"2"`')],
    [bibimbap(0), wholeNumber],
    [bibimbap(-1), wholeNumber],
    [bibimbap(1.5), wholeNumber],
    [{ ...order, customerId: 1 }, notText],
    [{ ...order, customerId: "" }, notEmpty],
    [{ ...order, items: [{ dish: "", quantity: 1 }] }, notEmpty],
    [{ ...order, items: [{ dish: null, quantity: 1 }] }, notText],
    [{ ...order, items: [] }, notList],
    [{ ...order, items: items[0] }, notList],
    [{ ...order, note: 7 }, noteIsText],
    [{ ...order, note: null }, noteIsText],
    [null, words("본문이 아예 없어요", "there is no body at all")],
    ["order", words("주문은 객체예요", "an order is an object")],
  ])
})

const created = { type: "OrderCreated", orderId: "order-7", items }
const cancelled = { type: "OrderCancelled", orderId: "order-7" }

test("[2] orderEvent() lets every valid event pass", async () => {
  await accepts("orderEvent()", orderEvent, [
    [created, fine],
    [cancelled, optional("reason")],
    [{ ...cancelled, reason: "customer" }, fine],
    [{ ...cancelled, reason: "kitchen" }, fine],
  ])
})

test("[2] orderEvent() refuses what is no event of the order service", async () => {
  const knownReasons = words('`reason`은 `"customer"`나 `"kitchen"`이에요', '`reason` is `"customer"` or `"kitchen"`')
  const knownTypes = words("이런 `type`의 이벤트는 없어요", "there is no event of this `type`")
  await refuses("orderEvent()", orderEvent, [
    [
      { type: "OrderCreated", orderId: "order-7" },
      words("`OrderCreated`에는 `items`가 있어야 해요", "an `OrderCreated` has to have `items`"),
    ],
    [{ type: "OrderCreated", items }, required("orderId")],
    [{ type: "OrderCancelled" }, required("orderId")],
    [{ ...created, items: [] }, notList],
    [{ ...created, items: [{ dish: "bibimbap", quantity: "2" }] }, wholeNumber],
    [{ ...created, orderId: "" }, notEmpty],
    [{ ...cancelled, reason: "weather" }, knownReasons],
    [{ ...cancelled, reason: null }, knownReasons],
    [{ orderId: "order-7", items }, required("type")],
    [{ ...created, type: "OrderShipped" }, knownTypes],
  ])
})

async function accepts(name: string, make: () => Schema<unknown>, cases: readonly Case[]): Promise<void> {
  for (const [body, why] of cases) {
    const issues = await issuesOf(make(), body)
    if (!issues) continue
    const headline = words("{0}의 스키마가 받아야 할 본문을 거절해요", "the schema of {0} refuses a body that it should let pass", name)
    throw new Wrong(headline, [shown(body), ...issues], why)
  }
}

async function refuses(name: string, make: () => Schema<unknown>, cases: readonly Case[]): Promise<void> {
  for (const [body, why] of cases) {
    if (await issuesOf(make(), body)) continue
    const headline = words("{0}의 스키마가 거절해야 할 본문을 받아들여요", "the schema of {0} lets a body pass that it should refuse", name)
    throw new Wrong(headline, [shown(body)], why)
  }
}

/** What the schema has against the body, if it has anything. */
async function issuesOf(schema: Schema<unknown>, body: unknown): Promise<Words[] | undefined> {
  const { issues } = await schema["~standard"].validate(body)
  return issues?.slice(0, 3).map(({ path = [], message }) => {
    const place = path.map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".")
    return words("스키마의 오류: {0}{1}", "the schema says: {0}{1}", place ? `${place}: ` : "", message)
  })
}

function shown(body: unknown): Words {
  return words("본문: {0}", "the body: {0}", `\`${JSON.stringify(body)}\``)
}
