/**
 * Which way of getting messages out of the outbox costs what: `npm run bench:relay [-- --quick]`. Every line is measured in
 * this run, on this machine; the relay is in this process, the service that sends is in another. Without --quick the table is
 * written to bench/relay.md.
 */
import { fork } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { createOutbox, type OutgoingMessage, type RelayOptions, relayOutbox } from "../broker/index.ts"
import { percentile } from "./figures.ts"
import { machineOf } from "./machine.ts"

const quick = process.argv.includes("--quick")
const latencyMessages = quick ? 100 : 500
const floodMessages = quick ? 5_000 : 50_000
const idleMs = quick ? 2_000 : 10_000

/** A service that writes by plain SQL gives no nudges; a relay may also be told to heed none. */
const ways: [string, RelayOptions, ("outbox" | "sql")?][] = [
  ["polling every 10 ms", { method: "polling", intervalMs: 10, nudge: false }],
  ["polling every 100 ms", { method: "polling", intervalMs: 100, nudge: false }],
  ["polling every 1,000 ms", { method: "polling", intervalMs: 1_000, nudge: false }],
  ["polling with nudges", { method: "polling" }],
  ["polling, of plain SQL", { method: "polling" }, "sql"],
  ["tailing", { method: "tailing", nudge: false }],
  ["tailing with nudges", { method: "tailing" }],
  ["tailing, of plain SQL", { method: "tailing" }, "sql"],
]

interface Figures {
  p50Ms: number
  p99Ms: number
  queriesPerMessage: number
  idleCpuPercent: number
  idleQueriesPerSecond: number
  lockHoldP50Ms: number
  lockHoldMaxMs: number
  messagesPerSecond: number
}

/** A connection that counts its statements and times its write transactions. */
class Watched {
  readonly database: BetterSqlite3.Database
  statements = 0
  /** Of each write transaction: until its end, and until all but the commit was done. */
  lockHolds: { wholeMs: number; withoutCommitMs: number }[] = []
  #begun = 0

  constructor(file: string) {
    this.database = new BetterSqlite3(file, { verbose: () => void this.statements++ })
    const prepare = this.database.prepare.bind(this.database)
    this.database.prepare = ((sql: string) => {
      const statement = prepare(sql)
      if (sql !== "BEGIN IMMEDIATE" && sql !== "COMMIT") return statement
      const run = statement.run.bind(statement)
      statement.run = (...values: unknown[]) => {
        const begun = performance.now()
        const result = run(...values)
        const ended = performance.now()
        if (sql === "COMMIT") this.lockHolds.push({ wholeMs: ended - this.#begun, withoutCommitMs: begun - this.#begun })
        else this.#begun = ended
        return result
      }
      return statement
    }) as typeof prepare
  }
}

const lines: string[] = []
const ownWorkMs: number[] = []
print("# Polling or tailing", "")
const { processor, cores, node, syncMs } = machineOf(tmpdir())
print(`${processor}, ${cores} cores, Node ${node}; one sync of the disk: ${syncMs.toFixed(2)} ms; load ${loadavg()[0]?.toFixed(1)}.`, "")
print("| | p50 | p99 | queries a message | idle CPU | idle queries | write lock, p50 | longest | messages a second |")
print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
for (const [name, options, by] of ways) print(`| ${[name, ...shown(await measure(options, by))].join(" | ")} |`)
print(
  "",
  `- p50, p99: from the commit's return in the service to the publisher's call, over ${latencyMessages} commits, each of one message, 20 ms apart on average.`,
  "- Queries a message: all statements of the relay in that time, those that save its position included.",
  `- Idle: nothing is sent for ${idleMs / 1_000} s.`,
  `- Write lock: held by the relay in the flood, for a batch each time. Nearly all of it is the commit's sync of the disk, which waits for the service's own; the relay's statements take ${percentile(ownWorkMs, 50).toFixed(2)} ms (p99 ${percentile(ownWorkMs, 99).toFixed(2)} ms).`,
  `- Messages a second: ${floodMessages.toLocaleString("en")} messages, ten to a commit, as fast as one service can send them, until the last is published.`,
  "- Every 10, 100 or 1,000 ms: with `nudge: false`, so that the relay looks at these times only. Of plain SQL: the service writes the rows itself, as another language would, and nudges nobody; the relay is as it is by default.",
)
if (!quick) writeFileSync(join(import.meta.dirname, "relay.md"), `${lines.join("\n")}\n`)

function print(...texts: string[]): void {
  lines.push(...texts)
  for (const text of texts) console.log(text)
}

function shown(figures: Figures): string[] {
  return [
    `${figures.p50Ms.toFixed(2)} ms`,
    `${figures.p99Ms.toFixed(2)} ms`,
    figures.queriesPerMessage.toFixed(1),
    `${figures.idleCpuPercent.toFixed(2)} %`,
    `${figures.idleQueriesPerSecond.toFixed(1)}/s`,
    `${figures.lockHoldP50Ms.toFixed(2)} ms`,
    `${figures.lockHoldMaxMs.toFixed(1)} ms`,
    Math.round(figures.messagesPerSecond).toLocaleString("en"),
  ]
}

async function measure(options: RelayOptions, by = "outbox"): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), "waystation-bench-relay-"))
  const file = join(directory, "orders.db")
  const watched = new Watched(file)
  createOutbox(watched.database)
  const publishedAt = new Map<string, number>()
  const publish = async (messages: readonly OutgoingMessage[]) => {
    const now = performance.timeOrigin + performance.now()
    for (const { id } of messages) publishedAt.set(id, now)
  }
  const relay = relayOutbox(watched.database, { publish }, options)
  try {
    await relay.idle()
    await service(file, 10, 5, by)
    await relay.idle()

    const before = { statements: watched.statements, cpu: process.cpuUsage(), at: performance.now() }
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    const cpu = process.cpuUsage(before.cpu)
    const idleSeconds = (performance.now() - before.at) / 1_000
    const idleStatements = watched.statements - before.statements

    watched.statements = 0
    const committedAt = await service(file, latencyMessages, 20, by)
    await relay.idle()
    const latencies = committedAt.map(([id, at]) => (publishedAt.get(id) ?? Number.NaN) - at)
    const queriesPerMessage = watched.statements / latencyMessages

    watched.lockHolds = []
    const flood = await service(file, floodMessages, 0, by)
    await relay.idle()
    const wholeHolds = watched.lockHolds.map(({ wholeMs }) => wholeMs)
    ownWorkMs.push(...watched.lockHolds.map(({ withoutCommitMs }) => withoutCommitMs))
    const seconds = (Math.max(...publishedAt.values()) - (flood[0]?.[1] ?? 0)) / 1_000
    return {
      p50Ms: percentile(latencies, 50),
      p99Ms: percentile(latencies, 99),
      queriesPerMessage,
      idleCpuPercent: (cpu.user + cpu.system) / 10_000 / idleSeconds,
      idleQueriesPerSecond: idleStatements / idleSeconds,
      lockHoldP50Ms: percentile(wholeHolds, 50),
      lockHoldMaxMs: Math.max(...wholeHolds),
      messagesPerSecond: floodMessages / seconds,
    }
  } finally {
    await relay.stop()
    watched.database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Runs the service in a process of its own and returns when which message was committed. */
function service(file: string, messages: number, meanMs: number, by: string): Promise<[string, number][]> {
  const child = fork(join(import.meta.dirname, "relay-writer.ts"), [file, String(messages), String(meanMs), by])
  return new Promise((resolve, reject) => {
    child.on("message", (committedAt) => resolve(committedAt as [string, number][]))
    child.on("exit", (code) => {
      if (code !== 0) reject(new Error(`The service ended with ${code}.`))
    })
  })
}
