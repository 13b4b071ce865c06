// ko: 먼저 확인하고 나서 제안을 보낸다. 그 사이에 죽으면 제안이 사라진다
// en: Acknowledges first and then sends the offer: with a crash between them it is lost
// caught by: [4]
import type { Broker, Consumer } from "#waystation"

export type OrderReady = { readonly orderId: string }
export type Offer = { readonly orderId: string; readonly courier: string; readonly minutes: number }
export type Timer = (ms: number, callback: () => void) => () => void

/** Task 4. A subscription of each courier's own: with a common one they would compete, and one would hear of it. */
export function joinCourier(broker: Broker, courier: string, minutes: number): Consumer {
  return broker.topic<OrderReady>("orders-ready").subscribe(courier, async ({ body, headers }, delivery) => {
    delivery.ack()
    const replyTo = headers["reply-to"]
    if (replyTo !== undefined) await broker.queue<Offer>(replyTo).send({ orderId: body.orderId, courier, minutes })
  })
}

/** How offers are collected: from this queue, until `enough` couriers have answered or `waitMs` have passed. */
export type Collecting = { readonly replies: string; readonly enough: number; readonly waitMs: number }

/** Task 5. Whoever publishes does not know who listens, and so not how many replies will come: time ends it. */
export async function collectOffers(broker: Broker, orderId: string, collecting: Collecting, timer: Timer): Promise<Offer[]> {
  const { replies, enough, waitMs } = collecting
  const offers = new Map<string, Offer>()
  const { promise, resolve } = Promise.withResolvers<void>()
  const consumer = broker.queue<Offer>(replies).consume(({ body }) => {
    // By courier: an offer may come twice. An offer for an order before this one is late, and nobody waits for it.
    if (body.orderId === orderId) offers.set(body.courier, body)
    if (offers.size >= enough) resolve()
  })
  const cancel = timer(waitMs, resolve)
  await broker.topic<OrderReady>("orders-ready").publish({ orderId }, { headers: { "reply-to": replies } })
  await promise
  cancel()
  await consumer.stop()
  return [...offers.values()].sort((one, other) => one.minutes - other.minutes)
}
