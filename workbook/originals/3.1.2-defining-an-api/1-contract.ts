import type { StandardSchemaV1 } from "@standard-schema/spec"
import { z } from "zod"
import { Todo } from "#workbook/todo.ts"

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

/** Task 1. The request of the command `createOrder`. */
export function createOrder(): Schema<CreateOrder> {
  throw new Todo(1)
}

/** Task 2. The events that the order service publishes. */
export function orderEvent(): Schema<OrderEvent> {
  throw new Todo(2)
}
