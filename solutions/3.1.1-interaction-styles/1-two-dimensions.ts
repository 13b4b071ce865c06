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

/** Task 1. What the sender asked for decides, not what came of it: `receivers` and `answers` may be different tomorrow. */
export function styleOf({ sentTo, senderWaits, replyTo }: Interaction): Style {
  const wantsAnswers = replyTo !== undefined
  if (sentTo === "topic") return wantsAnswers ? "publish/asynchronous responses" : "publish/subscribe"
  // Who waits is synchronous, also where the answer comes through a reply channel.
  if (senderWaits) return "request/response"
  return wantsAnswers ? "request/asynchronous response" : "one-way notification"
}
