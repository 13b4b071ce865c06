// ko: 없다는 답까지 거부로 돌려준다
// en: Rejects even where the answer is that there is none
// caught by: [2]
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
    (order) => (order ? callback(null, { order }) : callback({ code: status.NOT_FOUND, details: `${id} is not there.` })),
    () => callback({ code: status.UNAVAILABLE, details: "The orders cannot be read now." }),
  )
}

/** Task 2. That there is none is an answer. That nobody could say is not. */
export function findOrder(client: OrdersClient, id: string): Promise<Order | undefined> {
  return new Promise((resolve, reject) => {
    client.getOrder({ id }, (error, response) => {
      if (error) reject(error)
      else resolve(response?.order ?? undefined)
    })
  })
}
