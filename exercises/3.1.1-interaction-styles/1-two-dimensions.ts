import { Todo } from "#workbook/todo.ts"

/** An interaction of the order system, as somebody observed it. */
export interface Interaction {
  /** An address and a queue lead to one service, a topic to all that have subscribed. */
  readonly sentTo: "address" | "queue" | "topic"
  /** The sender does not go on with this order until it has the answer. */
  readonly senderWaits: boolean
  /** Where an answer is to go, if the sender named a place. */
  readonly replyTo?: string
  /** How many services got it, this time. */
  readonly receivers: number
  /** How many answers have come, so far. */
  readonly answers: number
}

export type Style =
  | "request/response"
  | "request/asynchronous response"
  | "one-way notification"
  | "publish/subscribe"
  | "publish/asynchronous responses"

/** Task 1. The style of an interaction. */
export function styleOf(interaction: Interaction): Style {
  throw new Todo(1)
}
