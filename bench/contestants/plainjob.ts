import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { better, defineQueue, defineWorker } from "plainjob"
import type { Channel, Contestant, Order, Place } from "../contestant.ts"

const silent = { error: console.error, warn() {}, info() {}, debug() {} }

export async function open({ directory }: Place): Promise<Contestant> {
  const queue = defineQueue({ connection: better(new BetterSqlite3(join(directory, "plainjob.db"))), logger: silent })
  const workers: ReturnType<typeof defineWorker>[] = []
  const channel: Channel = {
    send: async (order) => queue.add("order", order),
    async consume(handle, handlers) {
      // A worker handles one job at a time.
      for (let number = 0; number < handlers; number++) {
        const worker = defineWorker("order", (job) => handle(JSON.parse(job.data) as Order), { queue, logger: silent })
        workers.push(worker)
        void worker.start()
      }
    },
  }
  return {
    queue: async () => channel,
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()))
      queue.close()
    },
  }
}
