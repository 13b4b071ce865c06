// ko: 답을 얻지 못하면 거절로 여긴다. 아무도 하지 않은 답이 생긴다
// en: Takes a failure for a refusal: an answer that nobody gave
// caught by: [2]
import type { Broker } from "#waystation"

export interface Order {
  readonly id: string
  readonly dish: string
}

/** The kitchen's word on an order. A no is an answer, too. */
export interface Answer {
  readonly orderId: string
  readonly accepted: boolean
}

/** Task 2. POSTs the order to the kitchen's address as JSON. Rejects if no answer is to be had. */
export async function askByHttp(url: string, order: Order): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
    })
    if (!response.ok) throw new Error(`The kitchen did not answer: ${response.status} ${response.statusText}`)
    return (await response.json()) as Answer
  } catch {
    return { orderId: order.id, accepted: false }
  }
}

/** Task 3. The same over the broker's request/reply channel "kitchen". The request waits there for as long as the kitchen is closed. */
export function askByMessage(broker: Broker, order: Order): Promise<Answer> {
  return broker.requestReply<Order, Answer>("kitchen").request(order)
}
