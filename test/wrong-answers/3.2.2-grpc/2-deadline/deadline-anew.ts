// ko: 남은 시간이 아니라 처음부터 다시 60초를 준다
// en: Gives the kitchen 60 seconds anew, and not what is left
// caught by: [4]
import type { CallOptions, ServerUnaryCall, ServiceError, sendUnaryData } from "@grpc/grpc-js"

export type EstimateRequest = { readonly orderId: string }
export type EstimateResponse = { readonly minutes: number }

/** What grpc-js makes of the service Kitchen, for a client. */
export interface KitchenClient {
  estimate(
    request: EstimateRequest,
    options: CallOptions,
    callback: (error: ServiceError | null, response?: EstimateResponse) => void,
  ): { cancel(): void }
}

/** The orders that the service has. It takes its time. */
export interface Orders {
  load(id: string): Promise<void>
}

type EstimateCall = ServerUnaryCall<EstimateRequest, EstimateResponse>

/** Task 3. A point in time and not a duration: so everybody down the chain can tell how much is left. */
export function estimateWithin(client: KitchenClient, orderId: string, withinMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + withinMs }
    client.estimate({ orderId }, options, (error, response) => (response ? resolve(response.minutes) : reject(error)))
  })
}

/** Task 4. `parent` passes on the caller's deadline, and that the caller has gone: nobody works for an answer that nobody awaits. */
export function passOn(orders: Orders, kitchen: KitchenClient, call: EstimateCall, callback: sendUnaryData<EstimateResponse>): void {
  orders.load(call.request.orderId).then(
    () => kitchen.estimate(call.request, { deadline: Date.now() + 60_000 }, callback),
    (error) => callback(error),
  )
}
