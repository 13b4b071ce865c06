import { z } from "zod"
import type { Broker, Consumer } from "#waystation"
import { Todo } from "#workbook/todo.ts"

// The contract, as its two sides agreed on it. The types follow from it, so they cannot say anything else.
const items = z.array(z.object({ dish: z.string().min(1), quantity: z.int().min(1) })).min(1)
export const CreateOrder = z.object({ customerId: z.string().min(1), items })
export const Reply = z.object({ orderId: z.string().min(1), state: z.enum(["PENDING", "REJECTED"]) })
export const OrderCreated = z.object({ orderId: z.string().min(1), items })
export type CreateOrder = z.infer<typeof CreateOrder>
export type Reply = z.infer<typeof Reply>
export type OrderCreated = z.infer<typeof OrderCreated>

/** Task 3. The order service answers the command on the request/reply channel "create-order". */
export function serveOrders(broker: Broker, create: (request: CreateOrder) => Reply): Consumer {
  throw new Todo(3)
}

/** Task 4. A client gives the command. Rejects at once what is no `CreateOrder`, and whatever comes back that is no `Reply`. */
export async function createOrder(broker: Broker, request: CreateOrder): Promise<Reply> {
  throw new Todo(4)
}

/** Task 5. The order service publishes to the topic "orders-created". */
export async function publishCreated(broker: Broker, event: OrderCreated): Promise<void> {
  throw new Todo(5)
}

/** Task 5. What is no `OrderCreated` never reaches the handler: it becomes a dead letter of the subscription. */
export function onCreated(broker: Broker, subscription: string, handler: (event: OrderCreated) => void): Consumer {
  throw new Todo(5)
}
