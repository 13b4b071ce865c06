// ko: 센트의 앞자리 0을 잊는다. 4달러 5센트가 4.5달러로 나간다
// en: Forgets the zero before the cents: 4 dollars and 5 cents go out as 4.5
// caught by: [2]
/** An order as the program knows it. The id has up to 64 bits, money is whole cents. */
export interface Order {
  readonly orderId: bigint
  readonly placedAt: Date
  readonly totalCents: bigint
  readonly note?: string
}

type Revive = (key: string, value: unknown, context: { readonly source?: string }) => unknown

/** `JSON.parse`, whose reviver gets the characters of a number, too: `source`. TypeScript does not know of it yet. */
export const parseJson = JSON.parse as (text: string, revive: Revive) => Record<string, unknown>

/** Task 1. The order in a text that another service wrote. */
export function orderFromJson(text: string): Order {
  // What a number has lost cannot be got back: so none of the characters ever becomes one.
  const { orderId, placedAt, total, note } = parseJson(text, (_, value, { source }) => (typeof value === "number" ? source : value))
  const [dollars = "", cents = ""] = String(total).split(".")
  return {
    orderId: BigInt(String(orderId)),
    placedAt: new Date(String(placedAt)),
    totalCents: BigInt(dollars + cents.padEnd(2, "0")),
    ...(typeof note === "string" && { note }),
  }
}

/** Task 2. The order as a text that any other service can read. */
export function orderToJson({ orderId, placedAt, totalCents, note }: Order): string {
  // Digits in quotes: a reader that makes numbers of numbers would find another order's id.
  return JSON.stringify({ orderId: String(orderId), placedAt, total: `${totalCents / 100n}.${totalCents % 100n}`, note })
}
