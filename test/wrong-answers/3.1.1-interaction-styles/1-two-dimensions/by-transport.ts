// ko: HTTP면 동기, 메시지면 비동기라고 본다
// en: Takes HTTP for synchronous and messages for asynchronous
// caught by: [1]
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
export function styleOf({ sentTo, replyTo }: Interaction): Style {
  if (sentTo === "address") return "request/response"
  if (sentTo === "topic") return replyTo ? "publish/asynchronous responses" : "publish/subscribe"
  return replyTo ? "request/asynchronous response" : "one-way notification"
}
