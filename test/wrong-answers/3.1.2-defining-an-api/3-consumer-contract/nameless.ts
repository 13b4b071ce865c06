// ko: 문제를 찾지만, 어느 상호 작용의 문제인지 적지 않는다
// en: It finds the problems, and does not say of which interaction they are
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

/** Task 7. Asks the provider itself. Whatever goes wrong is a problem of that interaction, and the others are looked at all the same. */
export async function verify(url: string, contract: readonly Interaction[]): Promise<string[]> {
  const check = async ({ path, status, body }: Interaction): Promise<string[]> => {
    const response = await fetch(url + path)
    if (response.status !== status) return [`status ${response.status} in place of ${status}`]
    const { issues = [] } = (await body?.["~standard"].validate(await response.json())) ?? {}
    return issues.map((issue) => `${issue.path?.join(".")}: ${issue.message}`)
  }
  const problems = contract.map((each) => check(each).catch((error) => [String(error)]))
  return (await Promise.all(problems)).flat()
}
