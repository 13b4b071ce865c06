// ko: 반드시 있어야 하는 필드도 없어도 된다고 본다. 이벤트 두 가지를 모두 optional로 합친다
// en: Makes required fields optional: both events are one object in which everything may be missing
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

const items = z.array(z.object({ dish: Name, quantity: z.int().min(1) })).min(1)

/** Task 1. An optional field may be missing; if it is there, it has to be right all the same. */
export function createOrder(): Schema<CreateOrder> {
  return z.object({ customerId: Name, items: items.optional(), note: z.string().optional() }) as unknown as Schema<CreateOrder>
}

/** Task 2. The type decides what else is required: one object with everything optional would promise nothing. */
export function orderEvent(): Schema<OrderEvent> {
  return z.object({
    type: z.enum(["OrderCreated", "OrderCancelled"]),
    orderId: Name,
    items: items.optional(),
    reason: z.enum(["customer", "kitchen"]).optional(),
  }) as unknown as Schema<OrderEvent>
}
