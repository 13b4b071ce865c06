import { execFileSync, fork } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Entry, field, goals } from "./field.ts"
import { type Figures, type Load, loads } from "./loads.ts"
import { machineOf } from "./machine.ts"
import { pictureOf } from "./picture.ts"
import { documentOf, goalsTable, tableOf } from "./report.ts"
import type { LoadResult, Results } from "./results.ts"
import { recipes, startServer } from "./servers.ts"

const childMsMax = 15 * 60_000

const usage = `npm run bench -- [--only <load>]... [--quick] [--rounds <n>] [--directory <where the files are made>]
Loads: ${Object.keys(loads).join(", ")}
Without --quick, bench/results.json, results.md and results.svg are written; --only replaces those loads' results in them.`

const { values: chosen } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    directory: { type: "string", default: tmpdir() },
    help: { type: "boolean", default: false },
  },
})
const unknown = (chosen.only ?? []).filter((name) => !Object.hasOwn(loads, name))
if (chosen.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `Unknown load: ${unknown.join(", ")}.\n${usage}` : usage)
  process.exit(unknown.length > 0 ? 1 : 0)
}
const rounds = Number(chosen.rounds ?? (chosen.quick ? 1 : 5))
const work = mkdtempSync(join(chosen.directory, "waystation-bench-"))
// PostgreSQL runs as a user of its own.
chmodSync(work, 0o755)

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim()
const leftOut = new Set<string>()
const failures: string[] = []
const results: Results = { machine: machineOf(chosen.directory), versions: {}, loads: {} }

/** What has to end when this process is told to. */
const stops = new Set<() => unknown>()
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await Promise.allSettled([...stops].map((stop) => stop()))
    rmSync(work, { recursive: true, force: true })
    process.exit(1)
  })
}

try {
  const { processor, cores, node, syncMs } = results.machine
  console.log(`${processor}, ${cores} cores, Node ${node}; one sync of the disk: ${syncMs.toFixed(2)} ms; load ${loadavg()[0]?.toFixed(1)}`)
  for (const name of chosen.only ?? Object.keys(loads)) {
    const result = await runLoad(name, loads[name] as Load)
    results.loads[name] = result
    console.log(tableOf(result))
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
console.log(goalsTable(goals, results))
if (!chosen.quick) save()
if (leftOut.size > 0) {
  const needs = [...leftOut].map((server) => `${server} (${recipes[server]?.needs})`)
  console.log(`\nLeft out, because what they need is not installed: ${needs.join(", ")}`)
}
for (const failure of failures) console.log(`\nFAILED: ${failure}`)
process.exitCode = failures.length > 0 ? 1 : 0

/** Each round has everyone once, and begins with another one. */
async function runLoad(name: string, load: Load): Promise<LoadResult> {
  const begunAt = new Date().toISOString()
  const result: LoadResult = { title: load.title, begunAt, commit, machineLoad: [loadavg()[0] ?? 0, 0], rounds: {} }
  const contestants = Object.keys(load.sizes)
  for (let round = 0; round < Math.min(rounds, load.roundsMax ?? rounds); round++) {
    for (let index = 0; index < contestants.length; index++) {
      const contestant = contestants[(index + round) % contestants.length] as string
      if (leftOut.has(field[contestant]?.server ?? "")) continue
      progress(`${name}, round ${round + 1}: ${contestant}`)
      const figures = await runOnce(name, load, contestant)
      if (figures) result.rounds[contestant] = [...(result.rounds[contestant] ?? []), figures]
    }
  }
  progress("")
  result.machineLoad[1] = loadavg()[0] ?? 0
  return result
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}

async function runOnce(name: string, load: Load, contestant: string): Promise<Figures | undefined> {
  const { server: serverName } = field[contestant] as Entry
  const directory = mkdtempSync(join(work, `${contestant}-`))
  chmodSync(directory, 0o755)
  const size = Math.ceil((load.sizes[contestant] as number) * (chosen.quick ? load.quickShare : 1))
  try {
    const server = serverName && (await startServer(serverName, join(directory, "server")))
    if (serverName && !server) {
      leftOut.add(serverName)
      return undefined
    }
    if (server) {
      results.versions[serverName as string] = server.version
      stops.add(server.stop)
    }
    try {
      const options = [name, contestant, directory, `${server ? server.port : 0}`, `${size}`]
      if (load.prepare) await child(["prepare", ...options])
      return await child(["measure", ...options])
    } finally {
      if (server) {
        stops.delete(server.stop)
        await server.stop()
      }
    }
  } catch (error) {
    failures.push(`${name}, ${contestant}: ${error instanceof Error ? error.message : error}`)
    return undefined
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What a process of its own reports; nobody inherits another's memory or compiled code. */
function child(options: string[]): Promise<Figures | undefined> {
  return new Promise((resolve, reject) => {
    const process = fork(join(import.meta.dirname, "run.ts"), options, { timeout: childMsMax })
    const stop = () => process.kill()
    stops.add(stop)
    let figures: Figures | undefined
    process.on("message", (message) => {
      figures = message as Figures
      // Clients may keep a connection open: what was asked for is there.
      process.kill()
    })
    process.once("error", reject)
    process.once("exit", (code, signal) => {
      stops.delete(stop)
      if (figures || code === 0) resolve(figures)
      else reject(new Error(`ended with ${signal ?? code}`))
    })
  })
}

function save(): void {
  const path = join(import.meta.dirname, "results.json")
  if (chosen.only) {
    try {
      const before = JSON.parse(readFileSync(path, "utf8")) as Results
      results.loads = { ...before.loads, ...results.loads }
      results.versions = { ...before.versions, ...results.versions }
    } catch {
      // The first results there are.
    }
  }
  writeFileSync(path, `${JSON.stringify(results, (_, value) => (typeof value === "number" ? Number(value.toPrecision(5)) : value), 1)}\n`)
  writeFileSync(join(import.meta.dirname, "results.md"), documentOf(goals, results))
  writeFileSync(join(import.meta.dirname, "results.svg"), pictureOf(results))
}
