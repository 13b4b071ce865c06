// ko: 번호를 수로 읽은 다음 bigint로 바꾼다. 2^53보다 큰 번호는 그때 이미 다른 번호다
// en: Makes a bigint of the number that was read: above 2^53 that is another number already
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
  const { orderId, placedAt, total, note } = JSON.parse(text)
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
  const digits = String(totalCents).padStart(3, "0")
  // Digits in quotes: a reader that makes numbers of numbers would find another order's id.
  return JSON.stringify({ orderId: String(orderId), placedAt, total: `${digits.slice(0, -2)}.${digits.slice(-2)}`, note })
}
