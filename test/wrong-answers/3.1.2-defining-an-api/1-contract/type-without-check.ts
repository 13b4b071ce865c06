// ko: 타입만 있고 실행 중의 검사는 없다. 무엇이든 통과한다
// en: A type, and no check at run time: everything passes
// caught by: [1] [2]
import type { StandardSchemaV1 } from "@standard-schema/spec"
import { z } from "zod"

/** What a schema of any library is, seen from outside: it takes whatever comes, and what it lets pass is a `Type`. */
export type Schema<Type> = StandardSchemaV1<unknown, Type>

export interface Item {
  readonly dish: string
  readonly quantity: number
}
export interface CreateOrder {
  readonly customerId: string
  readonly items: readonly Item[]
  readonly note?: string | undefined
}
export type OrderEvent =
  | { readonly type: "OrderCreated"; readonly orderId: string; readonly items: readonly Item[] }
  | { readonly type: "OrderCancelled"; readonly orderId: string; readonly reason?: "customer" | "kitchen" | undefined }

/** Names something, so it is not empty. */
export const Name = z.string().min(1)

/** Task 1. An optional field may be missing; if it is there, it has to be right all the same. */
export function createOrder(): Schema<CreateOrder> {
  return z.custom<CreateOrder>()
}

/** Task 2. The type decides what else is required: one object with everything optional would promise nothing. */
export function orderEvent(): Schema<OrderEvent> {
  return z.custom<OrderEvent>()
}
