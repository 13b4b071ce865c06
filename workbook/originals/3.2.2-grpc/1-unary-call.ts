import type { ServerUnaryCall, ServiceError, sendUnaryData } from "@grpc/grpc-js"
import { Todo } from "#workbook/todo.ts"

// The messages of orders.proto as proto-loader makes them: a message that is not there is null, a text that is not there is "".
export type Order = { readonly id: string; readonly customerId: string; readonly totalWon: number }
export type GetOrderRequest = { readonly id: string }
export type GetOrderResponse = { readonly order?: Order | null; readonly error?: string }

/** The orders that the service has. Rejects while the database is down. */
export interface Orders {
  find(id: string): Promise<Order | undefined>
}

/** What grpc-js makes of the service Orders, for a client. */
export interface OrdersClient {
  getOrder(request: GetOrderRequest, callback: (error: ServiceError | null, response?: GetOrderResponse) => void): void
}

type GetOrderCall = ServerUnaryCall<GetOrderRequest, GetOrderResponse>

/** Task 1. In the service: answers the call with the order, or with the status that says why there is none. */
export function getOrder(orders: Orders, call: GetOrderCall, callback: sendUnaryData<GetOrderResponse>): void {
  throw new Todo(1)
}

/** Task 2. In a client: the order, `undefined` if there is none. Rejects if that cannot be known. */
export function findOrder(client: OrdersClient, id: string): Promise<Order | undefined> {
  throw new Todo(2)
}
