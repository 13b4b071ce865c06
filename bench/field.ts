/** Who takes part, what each promises when a send resolves, and what it needs. */
export interface Entry {
  readonly title: string
  readonly durability: string
  /** Its server, if it has one: a name in `servers.ts`. */
  readonly server?: string
}

export const field: Record<string, Entry> = {
  floor: { title: "floor: bare better-sqlite3", durability: "every commit synced (WAL, FULL)" },
  waystation: { title: "Waystation", durability: "every commit synced (WAL, FULL)" },
  bullmq: { title: "BullMQ on Redis", durability: "synced every second (AOF everysec)", server: "redis" },
  nats: { title: "NATS JetStream", durability: "file, synced every two minutes (the default)", server: "nats" },
  rabbitmq: { title: "RabbitMQ", durability: "durable, persistent, confirmed", server: "rabbitmq" },
  "pg-boss": { title: "pg-boss on PostgreSQL", durability: "every commit synced (synchronous_commit on)", server: "postgresql" },
  plainjob: { title: "plainjob", durability: "survives a killed process (WAL, NORMAL)" },
}

export interface Goal {
  readonly load: string
  readonly figure: string
  /** Waystation's figure divided by the floor's, or by that of the fastest of the named; without it, the figure itself. */
  readonly against?: readonly string[]
  readonly least?: number
  readonly most?: number
}

const peers = ["bullmq", "nats", "rabbitmq", "pg-boss", "plainjob"]
const flowFigures = ["sent/s", "handled/s", "both/s"]

function flowGoals(load: string, floor: number, others: readonly string[], times: number): Goal[] {
  return flowFigures.flatMap((figure) => [
    { load, figure, against: ["floor"], least: floor },
    { load, figure, against: others, least: times },
  ])
}

export const goals: readonly Goal[] = [
  ...flowGoals("queue", 0.7, peers, 8),
  { load: "single", figure: "sent/s", against: ["floor"], least: 0.8 },
  ...flowGoals("topic-1", 0.6, ["rabbitmq"], 5),
  ...flowGoals("topic-10", 0.6, ["rabbitmq"], 5),
  ...flowGoals("topic-100", 0.6, ["rabbitmq"], 5),
  ...flowGoals("partitioned", 0.7, ["nats"], 8),
  { load: "replay", figure: "handled/s", against: ["floor"], least: 0.5 },
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
