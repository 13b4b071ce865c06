// ko: 알리기만 하면 되는 일을 요청/응답으로 보내고 답을 기다린다
// en: Makes a request of what need only be told, and waits for the answer
// caught by: [6]
import type { Broker, Consumer } from "#waystation"

export interface Order {
  readonly id: string
  readonly dish: string
}

/** Rejects when it cannot do its part now: the order then has to come again, to it and to nobody else. */
export interface Service {
  readonly name: string
  handle(order: Order): Promise<void>
}

/** Task 6. Tells the couriers that a meal is ready to be fetched. Fulfilled when the notice can no longer get lost. */
export async function notifyCouriers(broker: Broker, order: Order): Promise<void> {
  await broker.requestReply<Order, void>("pickups").request(order)
}

/** Task 6. One of the couriers fetches it, whichever is free. */
export function startCouriers(broker: Broker, couriers: readonly Service[]): Consumer[] {
  return couriers.map((courier) =>
    broker.requestReply<Order, null>("pickups").respond(async ({ body }) => {
      await courier.handle(body)
      return null
    }),
  )
}

/** Task 7. Says that an order was created, to whom it may concern. */
export async function publishCreated(broker: Broker, order: Order): Promise<void> {
  await broker.topic<Order>("orders-created").publish(order)
}

/** Task 7. Every one of the services hears of each order. A subscription of its own keeps what it has not done yet, apart from the others. */
export function subscribeAll(broker: Broker, services: readonly Service[]): Consumer[] {
  const topic = broker.topic<Order>("orders-created")
  return services.map((service) => topic.subscribe(service.name, ({ body }) => service.handle(body)))
}
