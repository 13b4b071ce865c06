import { z } from "zod"
import type { Broker } from "#waystation"

// #region schemas
const Items = z.array(z.object({ dish: z.string(), quantity: z.int().min(1) })).min(1)
export const OrderCreated = z.object({ orderId: z.string(), items: Items })
export const CancelOrder = z.object({ orderId: z.string(), reason: z.enum(["customer", "kitchen"]).optional() })
export const CreateOrder = z.object({ customerId: z.string(), items: Items })
export const Reply = z.object({ orderId: z.string(), state: z.enum(["PENDING", "REJECTED"]) })
// #endregion

/** The order service as it runs. */
// #region service
export function startOrderService(broker: Broker, cancel: (orderId: string) => void): void {
  const created = broker.topic("orders-created", { schema: OrderCreated })
  let orders = 0

  broker.queue("cancel-order", { schema: CancelOrder }).consume(({ body }) => cancel(body.orderId))

  broker.queue("create-order", { schema: CreateOrder }).consume(async ({ body, headers }) => {
    const orderId = `order-${++orders}`
    await created.publish({ orderId, items: body.items })
    const { "reply-to": replyTo, "correlation-id": correlationId } = headers
    if (!replyTo || !correlationId) return
    const replies = broker.queue(replyTo, { schema: Reply })
    await replies.send({ orderId, state: "PENDING" }, { headers: { "correlation-id": correlationId } })
  })
}
// #endregion
