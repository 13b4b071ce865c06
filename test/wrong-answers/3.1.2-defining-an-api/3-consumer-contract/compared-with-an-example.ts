// ko: 형식이 아니라 값을 비교한다. 값만 다른 멀쩡한 답도 문제가 된다
// en: Compares values and not the form: a reply that is fine has a problem because its values differ
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
export async function verify(url: string, contract: readonly Interaction[]): Promise<string[]> {
  const check = async ({ description, path, status }: Interaction): Promise<string[]> => {
    const response = await fetch(url + path)
    if (response.status !== status) return [`${description}: status ${response.status} in place of ${status}`]
    const same = JSON.stringify(await response.json()) === JSON.stringify(examples[path])
    return same ? [] : [`${description}: the body is another one`]
  }
  const problems = contract.map((each) => check(each).catch((error) => [`${each.description}: ${error}`]))
  return (await Promise.all(problems)).flat()
}
