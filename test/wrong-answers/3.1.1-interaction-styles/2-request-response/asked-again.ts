// ko: 답이 늦으면 다시 묻는다. 앞의 요청도 채널에 남아 있어서 주방은 둘 다 받는다
// en: Asks again when the answer is late: the first request still waits in the channel, and the kitchen gets both
// caught by: [3]
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
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  })
  // fetch() is content with any response; "503, the stove is broken" is one, and no word on the order.
  if (!response.ok) throw new Error(`The kitchen did not answer: ${response.status} ${response.statusText}`)
  return (await response.json()) as Answer
}

/** Task 3. The same over the broker's request/reply channel "kitchen". The request waits there for as long as the kitchen is closed. */
export async function askByMessage(broker: Broker, order: Order): Promise<Answer> {
  const kitchen = broker.requestReply<Order, Answer>("kitchen")
  try {
    return await kitchen.request(order, { timeoutMs: 3_000 })
  } catch {
    return askByMessage(broker, order)
  }
}
