// ko: 건네받은 이름을 쓰지 않고 언제나 같은 구독으로 듣는다
// en: It does not use the name that it is given: everybody listens through the same subscription
// caught by: [5]
import { z } from "zod"
import type { Broker, Consumer } from "#waystation"

// The contract, as its two sides agreed on it. The types follow from it, so they cannot say anything else.
const items = z.array(z.object({ dish: z.string().min(1), quantity: z.int().min(1) })).min(1)
export const CreateOrder = z.object({ customerId: z.string().min(1), items })
export const Reply = z.object({ orderId: z.string().min(1), state: z.enum(["PENDING", "REJECTED"]) })
export const OrderCreated = z.object({ orderId: z.string().min(1), items })
export type CreateOrder = z.infer<typeof CreateOrder>
export type Reply = z.infer<typeof Reply>
export type OrderCreated = z.infer<typeof OrderCreated>

/** Both schemas, and for both sides: each looks at what it sends and at what it gets. */
const orders = (broker: Broker) => broker.requestReply<CreateOrder, Reply>("create-order", { schema: CreateOrder, replySchema: Reply })
const events = (broker: Broker) => broker.topic<OrderCreated>("orders-created", { schema: OrderCreated })

/** Task 3. The order service answers the command on the request/reply channel "create-order". */
export function serveOrders(broker: Broker, create: (request: CreateOrder) => Reply): Consumer {
  return orders(broker).respond((message) => create(message.body))
}

/** Task 4. A client gives the command. Rejects at once what is no `CreateOrder`, and whatever comes back that is no `Reply`. */
export async function createOrder(broker: Broker, request: CreateOrder): Promise<Reply> {
  return orders(broker).request(request)
}

/** Task 5. The order service publishes to the topic "orders-created". */
export async function publishCreated(broker: Broker, event: OrderCreated): Promise<void> {
  await events(broker).publish(event)
}

/** Task 5. What is no `OrderCreated` never reaches the handler: it becomes a dead letter of the subscription, where somebody can look at it. */
export function onCreated(broker: Broker, subscription: string, handler: (event: OrderCreated) => void): Consumer {
  return events(broker).subscribe("orders", (message) => handler(message.body))
}
