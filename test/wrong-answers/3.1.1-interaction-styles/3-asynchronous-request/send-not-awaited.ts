// ko: 결정은 기다리지만 send는 기다리지 않아서, 보내지 못한 답의 요청도 확인(ack)된다
// en: The decision is awaited and the send is not: a request whose answer could not be sent is acknowledged all the same
// caught by: [4]
import type { Broker, Consumer } from "#waystation"

export interface Order {
  readonly id: string
  readonly dish: string
}
export interface Answer {
  readonly orderId: string
  readonly accepted: boolean
}

/** Thinks about an order for as long as it takes. Rejects when it cannot say now: the request then has to come again. */
export interface Kitchen {
  accepts(order: Order): Promise<boolean>
}

/** The order service's table of orders. What is written in it is there after a crash, too. */
export interface Orders {
  answered(orderId: string, accepted: boolean): void
}

/** Task 4. The kitchen answers each request in the queue "kitchen-requests", to the channel that the request names. */
export function answerRequests(broker: Broker, kitchen: Kitchen): Consumer {
  return broker.queue<Order>("kitchen-requests").consume(async (message) => {
    const answer: Answer = { orderId: message.body.id, accepted: await kitchen.accepts(message.body) }
    broker.queue<Answer>(message.headers["reply-to"] ?? "unanswerable").send(answer)
  })
}

/** Task 5. Asks the kitchen, naming "order-replies" for the answer, and does not wait for it. */
export async function requestTicket(broker: Broker, order: Order): Promise<void> {
  await broker.queue<Order>("kitchen-requests").send(order, { headers: { "reply-to": "order-replies" } })
}

/** Task 5. Writes each answer that comes there to its order. Whoever asked may have crashed since: the answer itself says whose it is. */
export function takeAnswers(broker: Broker, orders: Orders): Consumer {
  return broker.queue<Answer>("order-replies").consume(({ body }) => orders.answered(body.orderId, body.accepted))
}
