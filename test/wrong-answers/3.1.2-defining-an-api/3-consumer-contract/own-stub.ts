// ko: 제공자에게 묻지 않고 자기 예를 자기 스키마로 검사한다. 언제나 통과한다
// en: Never asks the provider: checks its own example against its own schema, which always fits
// caught by: [7]
import type { StandardSchemaV1 } from "@standard-schema/spec"
import { z } from "zod"

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

/** Task 6. What ticket() reads, and no more: whatever stands here, the provider may not change without asking the kitchen. */
export function kitchenContract(): Interaction[] {
  const items = z.array(z.object({ dish: z.string(), quantity: z.number() }))
  const body = z.object({ id: z.string(), items, note: z.string().optional() })
  return [
    { description: "an order that is there", path: "/orders/order-7", status: 200, body },
    { description: "an order that is not there", path: "/orders/order-0", status: 404 },
  ]
}

const examples: Readonly<Record<string, unknown>> = {
  "/orders/order-7": { id: "order-7", items: [{ dish: "bibimbap", quantity: 2 }] },
  "/orders/order-0": { error: "no such order" },
}

/** Task 7. The problems that the provider at this address has with the contract; none if it keeps it. */
export async function verify(_url: string, contract: readonly Interaction[]): Promise<string[]> {
  const problems: string[] = []
  for (const { description, path, body } of contract) {
    const { issues = [] } = (await body?.["~standard"].validate(examples[path])) ?? {}
    problems.push(...issues.map((issue) => `${description}: ${issue.message}`))
  }
  return problems
}
