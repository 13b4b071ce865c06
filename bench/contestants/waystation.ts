import { openBroker } from "../../broker/index.ts"
import { type Contestant, fileIn, type Order, type Place } from "../contestant.ts"

export async function open(place: Place): Promise<Contestant> {
  const broker = openBroker(fileIn(place, "waystation.db"))
  return {
    async queue() {
      const queue = broker.queue<Order>("orders")
      return {
        send: (order) => queue.send(order),
        consume: async (handle, concurrency) => queue.consume((message) => handle(message.body), { concurrency }),
      }
    },
    async topic(subscriptions) {
      const topic = broker.topic<Order>("orders")
      const names = Array.from({ length: subscriptions }, (_, number) => `subscription-${number}`)
      for (const name of names) topic.createSubscription(name)
      return {
        send: (order) => topic.publish(order),
        async consume(handle, concurrency) {
          for (const name of names) topic.subscribe(name, (message) => handle(message.body), { concurrency })
        },
      }
    },
    async partitioned(partitions) {
      const log = broker.partitioned<Order>("orders", { partitions })
      let groups = 0
      return {
        send: (order, key) => log.send(order, { key }),
        consume: async (handle, concurrency) => log.consume(`group-${groups++}`, (message) => handle(message.body), { concurrency }),
      }
    },
    close: () => broker.close({ graceMs: 1_000 }),
  }
}
