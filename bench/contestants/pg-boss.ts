import { PgBoss } from "pg-boss"
import type { Channel, Contestant, Order, Place } from "../contestant.ts"

export async function open({ port }: Place): Promise<Contestant> {
  const boss = new PgBoss({ host: "127.0.0.1", port, user: "postgres", database: "postgres", schema: "boss" })
  boss.on("error", (error) => console.error("pg-boss:", error))
  await boss.start()
  await boss.createQueue("orders")
  const channel: Channel = {
    send: (order) => boss.send("orders", order),
    consume: (handle, handlers) =>
      boss.work<Order>("orders", { batchSize: handlers, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, async (jobs) => {
        await Promise.all(jobs.map((job) => handle(job.data)))
      }),
  }
  return {
    queue: async () => channel,
    close: () => boss.stop({ graceful: false }),
  }
}
