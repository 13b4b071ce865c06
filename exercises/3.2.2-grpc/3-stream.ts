import type { ClientReadableStream, ServerWritableStream } from "@grpc/grpc-js"
import { Todo } from "#workbook/todo.ts"

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

/** Task 5. In the service: sends every event of the order, and ends after STATUS_DELIVERED. */
export function watchOrder(feed: Feed, call: ServerWritableStream<{ readonly id: string }, OrderEvent>): void {
  throw new Todo(5)
}

/** Task 6. In the service: sends all orders, no faster than the client takes them. `orders` reads them from the database as it goes. */
export async function listOrders(orders: AsyncIterable<Order>, call: ServerWritableStream<object, Order>): Promise<void> {
  throw new Todo(6)
}

/** Task 7. In a client: waits until the order has this status, then watches no longer. */
export function waitFor(client: OrdersClient, id: string, status: Status): Promise<void> {
  throw new Todo(7)
}
