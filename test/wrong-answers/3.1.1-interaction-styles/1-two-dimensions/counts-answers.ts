// ko: 온 답의 수를 센다. 아직 답이 오지 않은 요청을 알림으로 본다
// en: Counts the answers that came: a request not answered yet is taken for a notification
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
export function styleOf({ sentTo, senderWaits, answers }: Interaction): Style {
  if (sentTo === "topic") return answers > 0 ? "publish/asynchronous responses" : "publish/subscribe"
  if (senderWaits) return "request/response"
  return answers > 0 ? "request/asynchronous response" : "one-way notification"
}
