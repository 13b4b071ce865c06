// ko: 처음 찾은 문제에서 멈춘다. 예외가 나면 아무 결과도 없다
// en: Stops at the first problem, and where something throws there is no result at all
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

/** Task 7. The problems that the provider at this address has with the contract; none if it keeps it. */
export async function verify(url: string, contract: readonly Interaction[]): Promise<string[]> {
  for (const { description, path, status, body } of contract) {
    const response = await fetch(url + path)
    if (response.status !== status) return [`${description}: status ${response.status} in place of ${status}`]
    const { issues } = (await body?.["~standard"].validate(await response.json())) ?? {}
    if (issues?.[0]) return [`${description}: ${issues[0].message}`]
  }
  return []
}
