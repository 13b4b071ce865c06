// ko: 데이터베이스의 실패를 붙잡지 않아 호출에 답하지 못한다
// en: Does not catch the failure of the database, and never answers the call
// caught by: [1]
import { type ServerUnaryCall, type ServiceError, type sendUnaryData, status } from "@grpc/grpc-js"

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

/** Task 1. Every way ends in one answer. What went wrong is the status: an OK with an error inside is a success to all that count calls. */
export async function getOrder(orders: Orders, call: GetOrderCall, callback: sendUnaryData<GetOrderResponse>): Promise<void> {
  const { id } = call.request
  // In proto3 a field that was not sent arrives as an empty text.
  if (id === "") {
    callback({ code: status.INVALID_ARGUMENT, details: "The order has to have an id." })
    return
  }
  const order = await orders.find(id)
  if (order) callback(null, { order })
  else callback({ code: status.NOT_FOUND, details: `${id} is not there.` })
}

/** Task 2. That there is none is an answer. That nobody could say is not. */
export function findOrder(client: OrdersClient, id: string): Promise<Order | undefined> {
  return new Promise((resolve, reject) => {
    client.getOrder({ id }, (error, response) => {
      if (error && error.code !== status.NOT_FOUND) reject(error)
      else resolve(response?.order ?? undefined)
    })
  })
}
