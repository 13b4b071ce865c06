import { Queue, Worker } from "bullmq"
import type { Channel, Contestant, Order, Place } from "../contestant.ts"

export async function open({ port }: Place): Promise<Contestant> {
  const connection = { host: "127.0.0.1", port }
  const queue = new Queue<Order>("orders", { connection, defaultJobOptions: { removeOnComplete: true } })
  const workers: Worker<Order>[] = []
  const channel: Channel = {
    send: (order) => queue.add("order", order),
    async consume(handle, concurrency) {
      const worker = new Worker<Order>("orders", (job) => handle(job.data), {
        connection: { ...connection, maxRetriesPerRequest: null },
        concurrency,
      })
      workers.push(worker)
      await worker.waitUntilReady()
    },
  }
  return {
    queue: async () => channel,
    async close() {
      await Promise.all(workers.map((worker) => worker.close(true)))
      await queue.close()
    },
  }
}
