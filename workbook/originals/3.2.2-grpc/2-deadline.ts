import type { CallOptions, ServerUnaryCall, ServiceError, sendUnaryData } from "@grpc/grpc-js"
import { Todo } from "#workbook/todo.ts"

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

/** Task 3. Asks for the minutes, and rejects if there is no answer within so many milliseconds. */
export function estimateWithin(client: KitchenClient, orderId: string, withinMs: number): Promise<number> {
  throw new Todo(3)
}

/** Task 4. In the order service: loads the order, then asks the kitchen, for as long as the caller waits. */
export function passOn(orders: Orders, kitchen: KitchenClient, call: EstimateCall, callback: sendUnaryData<EstimateResponse>): void {
  throw new Todo(4)
}
