// ko: 번호를 따옴표 없이 쓴다. 글자는 맞지만 읽는 쪽의 JSON.parse가 다른 번호로 만든다
// en: Writes the id without quotes: the digits are right, and the reader's JSON.parse makes another number of them
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
  const digits = String(totalCents).padStart(3, "0")
  return JSON.stringify({
    orderId: (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(orderId)),
    placedAt,
    total: `${digits.slice(0, -2)}.${digits.slice(-2)}`,
    note,
  })
}
