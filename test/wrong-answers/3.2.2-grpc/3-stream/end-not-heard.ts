// ko: 스트림이 끝나는 것을 듣지 않는다. 그 상태 없이 끝나면 영원히 기다린다
// en: Does not listen for the end: a stream that ends without that status keeps it waiting for ever
// caught by: [7]
import { once } from "node:events"
import type { ClientReadableStream, ServerWritableStream } from "@grpc/grpc-js"

export type Status = "STATUS_PLACED" | "STATUS_COOKING" | "STATUS_ON_ITS_WAY" | "STATUS_DELIVERED"
export type OrderEvent = { readonly orderId: string; readonly status: Status }
export type Order = { readonly id: string; readonly customerId: string }

/** Tells what happens to an order from now on. Returns a function that ends the subscription. */
export interface Feed {
  subscribe(orderId: string, listener: (event: OrderEvent) => void): () => void
}

/** What grpc-js makes of the service Orders, for a client. */
export interface OrdersClient {
  watchOrder(request: { readonly id: string }): ClientReadableStream<OrderEvent>
}

/** Task 5. The subscription ends with the call, whichever way that ends. */
export function watchOrder(feed: Feed, call: ServerWritableStream<{ readonly id: string }, OrderEvent>): void {
  const unsubscribe = feed.subscribe(call.request.id, (event) => {
    call.write(event)
    if (event.status !== "STATUS_DELIVERED") return
    unsubscribe()
    call.end()
  })
  call.on("cancelled", unsubscribe)
}

/** Task 6. The next order is read when there is room for it; leaving the loop closes the source. */
export async function listOrders(orders: AsyncIterable<Order>, call: ServerWritableStream<object, Order>): Promise<void> {
  const gone = new AbortController()
  call.on("cancelled", () => gone.abort())
  for await (const order of orders) {
    // A client that has gone never takes anything again: to wait for it alone would be to wait for ever.
    if (!call.write(order)) await once(call, "drain", gone).catch(() => {})
    if (call.cancelled) return
  }
  call.end()
}

/** Task 7. Not to read any more is not enough: the service has to be told. */
export function waitFor(client: OrdersClient, id: string, status: Status): Promise<void> {
  return new Promise((resolve, reject) => {
    const events = client.watchOrder({ id })
    events.on("data", (event: OrderEvent) => {
      if (event.status !== status) return
      resolve()
      events.cancel()
    })
    // The cancellation comes back as an error, too; by then the promise is settled.
    events.on("error", reject)
  })
}
