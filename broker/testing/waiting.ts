import type { Database } from "../storage/database.ts"

/** A queue (""), a subscription or a group of a channel, by their names. */
export type DestinationName = readonly [channel: string, queue: string]

/** Names a queue, and for a group's queue of messages to be retried, whose name begins with the partition's number, the group. */
const queueName = "CASE c.kind WHEN 'partitioned' THEN substr(q.subscription, instr(q.subscription, '/') + 1) ELSE q.subscription END"

/** `ahead` has a d for each message past the cursor that is done. */
const open = `
SELECT c.name, ${queueName} FROM waystation_queue q JOIN waystation_channel c ON c.id = q.channel
WHERE EXISTS (SELECT 1 FROM waystation_delivery d WHERE d.queue = q.id)
UNION
SELECT c.name, g.name FROM waystation_cursor k JOIN waystation_group g ON g.id = k.group_id
JOIN waystation_partition_range p ON p.id = k.partition JOIN waystation_channel c ON c.id = p.channel
WHERE p.end_offset > max(k.committed, p.start_offset) + length(k.ahead) - length(replace(k.ahead, 'd', ''))`

const stored = `
SELECT c.name, ${queueName}, s.message_id FROM waystation_queue q JOIN waystation_channel c ON c.id = q.channel
JOIN (SELECT d.queue, m.message_id FROM waystation_delivery d JOIN waystation_message m ON m.id = d.message
      UNION ALL SELECT queue, message_id FROM waystation_dead_letter) s ON s.queue = q.id`

/** Where something waits in a broker's tables. Asked after every step; `inspect()` tells more, and takes longer. */
export function openDestinations(database: Database): DestinationName[] {
  return rows<DestinationName>(database, open)
}

/** Every message that waits for somebody, or is a dead letter. */
export function storedMessages(database: Database): (readonly [channel: string, queue: string, id: string])[] {
  return rows(database, stored)
}

const statements = new WeakMap<Database, Map<string, ReturnType<Database["prepare"]>>>()

/** None if the process died before it had made the tables. */
function rows<Row>(database: Database, sql: string): Row[] {
  const prepared = statements.get(database) ?? new Map()
  statements.set(database, prepared)
  let statement = prepared.get(sql)
  if (!statement) {
    if (!database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'waystation_cursor'").get()) return []
    statement = database.prepare(sql).raw()
    prepared.set(sql, statement)
  }
  return statement.all() as Row[]
}
