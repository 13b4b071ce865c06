import { type Contestant, fileIn, type Place } from "../contestant.ts"
import { FloorLog } from "./floor-log.ts"
import { FloorQueue } from "./floor-queue.ts"
import { FloorTopic } from "./floor-topic.ts"
import { openFull } from "./turns.ts"

/** Bare better-sqlite3: what SQLite itself leaves possible. */
export async function open(place: Place): Promise<Contestant> {
  const database = openFull(fileIn(place, "floor.db"))
  return {
    queue: async () => new FloorQueue(database),
    topic: async (subscriptions) => new FloorTopic(database, subscriptions),
    partitioned: async (partitions) => new FloorLog(database, partitions),
    close: async () => void database.close(),
  }
}
