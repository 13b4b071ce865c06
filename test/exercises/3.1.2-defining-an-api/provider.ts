import { z } from "zod"
import { type Words, words } from "../support/language.ts"

/** What the order service knows of its order 7: more than any one consumer reads. */
export const order = {
  id: "order-7",
  customerId: "customer-1",
  items: [{ dish: "bibimbap", quantity: 2, price: 9_000 }],
  note: "less spicy",
  total: 18_000,
}

/** An order service whose GET of an order answers so. */
export function provider(there: () => Response, notThere = () => Response.json({ error: "no such order" }, { status: 404 })) {
  return (request: Request): Response => (new URL(request.url).pathname === "/orders/order-7" ? there() : notThere())
}

const there = "an order that is there"
const notThere = "an order that is not there"

/** What a consumer relies on, for the tests of those who verify. */
export const contract = [
  {
    description: there,
    path: "/orders/order-7",
    status: 200,
    body: z.object({ id: z.string(), items: z.array(z.object({ dish: z.string(), quantity: z.number() })) }),
    example: { id: "order-7", items: [{ dish: "japchae", quantity: 1 }] } as unknown,
  },
  {
    description: notThere,
    path: "/orders/order-0",
    status: 404,
    body: z.object({ error: z.string() }),
    example: { error: "no such order" } as unknown,
  },
]

/** A provider, what there is to say of it, and the interactions that it breaks. */
export interface Situation {
  readonly says: Words
  readonly answers: (request: Request) => Response
  readonly broken: readonly string[]
}

const ok = (body: unknown) => () => Response.json(body)
const { items: _, ...withoutItems } = order

export const keeping: readonly Situation[] = [
  {
    says: words(
      "제공자는 계약을 지켜요. 소비자가 읽지 않는 필드도 함께 와요",
      "the provider keeps the contract, and sends fields that the consumer does not read",
    ),
    answers: provider(ok(order)),
    broken: [],
  },
  {
    says: words(
      "제공자는 계약을 지켜요. 소비자가 읽는 필드만 와요",
      "the provider keeps the contract, and sends just the fields that the consumer reads",
    ),
    answers: provider(ok({ id: "order-7", items: [{ dish: "kimchi-jjigae", quantity: 3 }] })),
    broken: [],
  },
]

export const breaking: readonly Situation[] = [
  {
    says: words("제공자의 주문에 `items`가 없어요", "the provider's order has no `items`"),
    answers: provider(ok(withoutItems)),
    broken: [there],
  },
  {
    says: words('제공자의 `quantity`가 `"2"`예요', 'the provider\'s `quantity` is `"2"`'),
    answers: provider(ok({ ...order, items: [{ dish: "bibimbap", quantity: "2" }] })),
    broken: [there],
  },
  {
    says: words("제공자가 주문 대신 500으로 응답해요", "the provider responds with 500 in place of the order"),
    answers: provider(() => new Response("", { status: 500 })),
    broken: [there],
  },
  {
    says: words("제공자의 상태는 200인데 본문이 HTML이에요", "the provider responds with 200 and an HTML page"),
    answers: provider(() => new Response("<html>maintenance</html>", { headers: { "content-type": "text/html" } })),
    broken: [there],
  },
  {
    says: words("없는 주문을 물었는데 제공자가 200으로 응답해요", "asked for an order that is not there, the provider responds with 200"),
    answers: provider(ok(order), ok({ error: "no such order" })),
    broken: [notThere],
  },
  {
    says: words("제공자의 없는 주문에 `error`가 없어요", "for an order that is not there, the provider gives no `error`"),
    answers: provider(ok(order), () => Response.json({}, { status: 404 })),
    broken: [notThere],
  },
  {
    says: words("제공자가 무엇을 물어도 503으로 응답해요", "the provider responds with 503 to everything"),
    answers: () => Response.json({}, { status: 503 }),
    broken: [there, notThere],
  },
]
