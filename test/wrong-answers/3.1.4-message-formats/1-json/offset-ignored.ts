// ko: 시간대를 버리고 시각만 읽는다. 서울의 18시가 UTC의 18시가 된다
// en: Reads the time without its zone: 18:53 in Seoul becomes 18:53 UTC
// caught by: [1]
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
    placedAt: new Date(`${String(placedAt).slice(0, 19)}Z`),
    totalCents: BigInt(dollars + cents.padEnd(2, "0")),
    ...(typeof note === "string" && { note }),
  }
}

/** Task 2. The order as a text that any other service can read. */
export function orderToJson({ orderId, placedAt, totalCents, note }: Order): string {
  const digits = String(totalCents).padStart(3, "0")
  // Digits in quotes: a reader that makes numbers of numbers would find another order's id.
  return JSON.stringify({ orderId: String(orderId), placedAt, total: `${digits.slice(0, -2)}.${digits.slice(-2)}`, note })
}
