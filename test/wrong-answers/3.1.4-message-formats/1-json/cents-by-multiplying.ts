// ko: 금액에 100을 곱하고 소수점 아래를 버린다. 4.35 * 100은 434.99…이다
// en: Multiplies by 100 and cuts off what is left: 4.35 * 100 is 434.99…
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
  return {
    orderId: BigInt(String(orderId)),
    placedAt: new Date(String(placedAt)),
    totalCents: BigInt(Math.floor(Number(total) * 100)),
    ...(typeof note === "string" && { note }),
  }
}

/** Task 2. The order as a text that any other service can read. */
export function orderToJson({ orderId, placedAt, totalCents, note }: Order): string {
  const digits = String(totalCents).padStart(3, "0")
  // Digits in quotes: a reader that makes numbers of numbers would find another order's id.
  return JSON.stringify({ orderId: String(orderId), placedAt, total: `${digits.slice(0, -2)}.${digits.slice(-2)}`, note })
}
