// ko: 오류를 OK 응답의 필드에 담는다. 재시도, 경보, 통계가 모두 성공으로 안다
// en: Puts the error into a field of an OK: retries, alarms and statistics take it for a success
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
export function getOrder(orders: Orders, call: GetOrderCall, callback: sendUnaryData<GetOrderResponse>): void {
  const { id } = call.request
  // In proto3 a field that was not sent arrives as an empty text.
  if (id === "") {
    callback({ code: status.INVALID_ARGUMENT, details: "The order has to have an id." })
    return
  }
  orders.find(id).then(
    (order) => (order ? callback(null, { order }) : callback(null, { error: `${id} is not there.` })),
    () => callback(null, { error: "The orders cannot be read now." }),
  )
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
