// ko: 쓰기와 읽기가 서로만 통한다. 정해진 형식이 아니라 자기만의 형식이다
// en: Writing and reading agree with each other only: it is not the format that was agreed on
// caught by: [1] [2]
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
  return {
    orderId: BigInt(String(orderId)),
    placedAt: new Date(String(placedAt)),
    totalCents: BigInt(String(total)),
    ...(typeof note === "string" && { note }),
  }
}

/** Task 2. The order as a text that any other service can read. */
export function orderToJson({ orderId, placedAt, totalCents, note }: Order): string {
  // Digits in quotes: a reader that makes numbers of numbers would find another order's id.
  return JSON.stringify({ orderId: String(orderId), placedAt, total: String(totalCents), note })
}
