/** Who takes part, what each promises when a send resolves, and what it needs. */
export interface Entry {
  readonly title: string
  readonly durability: string
  /** Its server, if it has one: a name in `servers.ts`. */
  readonly server?: string
  /** Its file in `contestants/`, where that is not its own name. */
  readonly client?: string
}

export const field: Record<string, Entry> = {
  floor: { title: "floor: bare better-sqlite3", durability: "every commit synced (WAL, FULL)" },
  waystation: { title: "Waystation", durability: "every commit synced (WAL, FULL)" },
  bullmq: { title: "BullMQ on Redis", durability: "synced every second (AOF everysec)", server: "redis" },
  nats: { title: "NATS JetStream", durability: "file, synced every two minutes (the default)", server: "nats" },
  rabbitmq: { title: "RabbitMQ", durability: "durable, persistent, confirmed", server: "rabbitmq" },
  "pg-boss": { title: "pg-boss on PostgreSQL", durability: "every commit synced (synchronous_commit on)", server: "postgresql" },
  plainjob: { title: "plainjob", durability: "survives a killed process (WAL, NORMAL)" },
  "bullmq-synced": { title: "BullMQ, synced", durability: "every write synced (AOF always)", server: "redis-synced", client: "bullmq" },
  "nats-synced": {
    title: "NATS, synced",
    durability: "every message synced (sync_interval always)",
    server: "nats-synced",
    client: "nats",
  },
}

export interface Rivals {
  readonly title: string
  readonly names: readonly string[]
}

export interface Goal {
  readonly load: string
  readonly figure: string
  /** Waystation's figure divided by that of the fastest of these; without it, the figure itself. */
  readonly against?: Rivals
  readonly least?: number
  readonly most?: number
}

const floor: Rivals = { title: "the floor", names: ["floor"] }
const peers: Rivals = { title: "the fastest of the others", names: ["bullmq", "nats", "rabbitmq", "pg-boss", "plainjob"] }
/** Those whose promise is Waystation's: what they have accepted survives a power cut. */
const syncedPeers: Rivals = { title: "the fastest that syncs", names: ["bullmq-synced", "nats-synced", "rabbitmq", "pg-boss"] }
const rabbitmq: Rivals = { title: "RabbitMQ", names: ["rabbitmq"] }
const nats: Rivals = { title: "NATS JetStream", names: ["nats"] }
const flowFigures = ["sent/s", "handled/s", "both/s"]

function flowGoals(load: string, ofFloor: number, others: readonly Rivals[], times: number): Goal[] {
  return flowFigures.flatMap((figure) => [
    { load, figure, against: floor, least: ofFloor },
    ...others.map((against) => ({ load, figure, against, least: times })),
  ])
}

export const goals: readonly Goal[] = [
  ...flowGoals("queue", 0.7, [peers, syncedPeers], 8),
  { load: "single", figure: "sent/s", against: floor, least: 0.8 },
  ...flowGoals("topic-1", 0.6, [rabbitmq], 5),
  ...flowGoals("topic-10", 0.6, [rabbitmq], 5),
  ...flowGoals("topic-100", 0.6, [rabbitmq], 5),
  ...flowGoals("partitioned", 0.7, [nats], 8),
  { load: "replay", figure: "handled/s", against: floor, least: 0.5 },
  { load: "replay", figure: "memory MB at most", most: 200 },
  { load: "backlog", figure: "ratio", least: 0.85 },
  { load: "backlog", figure: "open ms", most: 50 },
  { load: "order-by-key", figure: "ratio", least: 0.9 },
  { load: "latency", figure: "same process p50 ms", most: 1 },
  { load: "latency", figure: "other process p50 ms", most: 2 },
  { load: "latency", figure: "same process p99 ms", most: 10 },
  { load: "latency", figure: "other process p99 ms", most: 10 },
  { load: "event-loop", figure: "p99 ms", most: 10 },
  { load: "idle", figure: "CPU %", most: 1 },
  { load: "idle", figure: "memory growth MB", most: 5 },
  { load: "start", figure: "start ms", most: 3_000 },
]
