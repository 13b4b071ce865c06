import type { StandardSchemaV1 } from "@standard-schema/spec"
import { Todo } from "#workbook/todo.ts"

/** One thing that a consumer relies on: to GET this path gives this status and a body that this schema lets pass. */
export interface Interaction {
  readonly description: string
  readonly path: string
  readonly status: number
  readonly body?: StandardSchemaV1
}

/** What the kitchen does with an order of the order service, and all it does with it. */
export function ticket(order: { id: string; items: { dish: string; quantity: number }[]; note?: string | undefined }): string {
  return [order.id, ...order.items.map((item) => `${item.quantity.toFixed(0)} ${item.dish}`), order.note ?? ""].join("\n")
}

/** Task 6. What the kitchen relies on when it asks the order service for an order. */
export function kitchenContract(): Interaction[] {
  throw new Todo(6)
}

/** Task 7. The problems that the provider at this address has with the contract; none if it keeps it. */
export async function verify(url: string, contract: readonly Interaction[]): Promise<string[]> {
  throw new Todo(7)
}
