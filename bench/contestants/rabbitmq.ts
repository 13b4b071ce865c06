import { connect } from "amqplib"
import type { Channel, Contestant, Order, Place } from "../contestant.ts"
import { hands } from "./hands.ts"

export async function open({ port }: Place): Promise<Contestant> {
  const connection = await connect(`amqp://guest:guest@127.0.0.1:${port}`)
  const sending = await connection.createConfirmChannel()
  const receiving = await connection.createChannel()

  async function channelOf(exchange: string, queues: string[], routingKey: string): Promise<Channel> {
    for (const queue of queues) await sending.assertQueue(queue, { durable: true })
    if (exchange !== "") {
      await sending.assertExchange(exchange, "fanout", { durable: true })
      for (const queue of queues) await sending.bindQueue(queue, exchange, "")
    }
    return {
      send: (order) =>
        new Promise<void>((resolve, reject) => {
          const content = Buffer.from(JSON.stringify(order))
          sending.publish(exchange, routingKey, content, { persistent: true }, (error) => (error ? reject(error) : resolve()))
        }),
      async consume(handle, handlers) {
        // More than the hands hold, so that the next message is there when one is free.
        await receiving.prefetch(handlers * 4)
        for (const queue of queues) {
          const run = hands(handlers)
          await receiving.consume(queue, (message) => {
            if (message) run(() => handle(JSON.parse(message.content.toString()) as Order).then(() => receiving.ack(message)))
          })
        }
      },
      // A question on the same channel is answered after what came before it.
      settled: () => receiving.checkQueue(queues[0] as string),
    }
  }

  return {
    queue: () => channelOf("", ["orders"], "orders"),
    topic: (subscriptions) =>
      channelOf(
        "order-events",
        Array.from({ length: subscriptions }, (_, number) => `subscription-${number}`),
        "",
      ),
    close: () => connection.close(),
  }
}
