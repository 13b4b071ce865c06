// ko: 요청에 적힌 채널을 보지 않고 늘 delivery-offers로 답한다
// en: Answers to delivery-offers always, and not to the channel that the request names
// caught by: [8]
import type { Broker, Consumer } from "#waystation"

export interface Offer {
  readonly orderId: string
  readonly courier: string
  readonly minutes: number
}

export interface Courier {
  readonly name: string
  /** In how many minutes it could fetch the order. `undefined`: it does not want to, and sends no offer. */
  minutesFor(orderId: string): Promise<number | undefined>
}

/** Task 8. A courier joins: it hears every request of the topic "delivery-requests" and answers to the channel that the request names. */
export function joinCourier(broker: Broker, courier: Courier): Consumer {
  return broker.topic<{ orderId: string }>("delivery-requests").subscribe(courier.name, async ({ body: { orderId } }) => {
    const minutes = await courier.minutesFor(orderId)
    if (minutes === undefined) return
    await broker.queue<Offer>("delivery-offers").send({ orderId, courier: courier.name, minutes })
  })
}

/** Task 9. Starts listening to "delivery-offers"; what it returns asks all couriers and, a second later, knows the best offer. */
export function askCouriers(broker: Broker, wait: (ms: number) => Promise<void>): (orderId: string) => Promise<Offer | undefined> {
  const offers: Offer[] = []
  broker.queue<Offer>("delivery-offers").consume(({ body }) => void offers.push(body))
  return async (orderId) => {
    await broker.topic("delivery-requests").publish({ orderId }, { headers: { "reply-to": "delivery-offers" } })
    // How many will answer, nobody knows: time has to end it.
    await wait(1_000)
    const own = offers.filter((offer) => offer.orderId === orderId)
    return own.sort((one, other) => one.minutes - other.minutes)[0]
  }
}
