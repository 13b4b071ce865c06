import { type ChildProcess, spawn } from "node:child_process"
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import BetterSqlite3 from "better-sqlite3"
import { createOutbox } from "#waystation"

export interface TortureOptions {
  rows: number
  method: "polling" | "tailing"
  /** Pages between the writers' checkpoints. */
  autocheckpoint: number
  /** About how often a process is killed, half of the times a relay. */
  kills: number
  /** Commands that run a TypeScript file, one for each of the writers. */
  writers: readonly string[][]
}

export interface TortureFigures {
  rows: number
  skipped: number
  phantom: number
  /** Lines of one relay in the middle of another's publication. */
  sideBySide: number
  /** Published again, and how many of that were not explained by the death of a relay, at most a batch for each. */
  repeated: number
  unexplained: number
  writersKilled: number
  relaysKilled: number
  seconds: number
}

export const onThisRuntime = process.versions.deno ? [process.execPath, "run", "--allow-all", "--quiet"] : [process.execPath]
const batchMax = 100

/** Writers with rollbacks, checkpoints and kills; two relays, of which one at a time works; then the books are compared. */
export async function torture(options: TortureOptions): Promise<TortureFigures> {
  const directory = mkdtempSync(join(tmpdir(), "waystation-torture-"))
  const file = join(directory, "orders.db")
  const published = join(directory, "published.txt")
  const database = new BetterSqlite3(file, { timeout: 60_000 })
  createOutbox(database)
  database.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, message_id TEXT NOT NULL)")
  writeFileSync(published, "")
  const begun = Date.now()
  const crew = new Crew(options, file, published)
  try {
    const killed = await crew.run(database)
    const books = await compareBooks(database, published, crew.relaysKilled)
    return { rows: options.rows, ...books, ...killed, seconds: Math.round((Date.now() - begun) / 1_000) }
  } finally {
    await crew.end()
    database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The processes of a run: who is killed is replaced at once. */
class Crew {
  readonly #options: TortureOptions
  readonly #file: string
  readonly #published: string
  readonly #relays: ChildProcess[] = []
  readonly #writers: ChildProcess[] = []
  readonly relaysKilled = new Set<string>()
  #writersKilled = 0
  #started = 0
  #ended = false
  #failure: Error | undefined

  constructor(options: TortureOptions, file: string, published: string) {
    this.#options = options
    this.#file = file
    this.#published = published
  }

  async run(database: BetterSqlite3.Database): Promise<{ writersKilled: number; relaysKilled: number }> {
    const { rows, kills, writers } = this.#options
    for (let index = 0; index < writers.length; index++) this.#startWriter(index)
    for (let index = 0; index < 2; index++) this.#startRelay(index)
    const progress = database.prepare("SELECT published, (SELECT ifnull(max(id), 0) FROM orders) AS placed FROM waystation_relay")
    for (;;) {
      if (this.#failure) throw this.#failure
      const { published, placed } = progress.get() as { published: number; placed: number }
      if (published >= rows) break
      // Spread over all the writing. Relays die by themselves, at the worst moments.
      if (placed < rows && placed > ((this.#writersKilled + 0.5) * rows) / (kills / 2 + 1)) this.#killWriter()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return { writersKilled: this.#writersKilled, relaysKilled: this.relaysKilled.size }
  }

  async end(): Promise<void> {
    this.#ended = true
    const running = [...this.#writers, ...this.#relays].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    const ended = running.map((child) => new Promise((resolve) => child.once("close", resolve)))
    for (const child of running) child.kill("SIGKILL")
    await Promise.all(ended)
  }

  #killWriter(): void {
    const index = this.#writersKilled++ % this.#writers.length
    this.#writers[index]?.kill("SIGKILL")
    this.#startWriter(index)
  }

  #startWriter(index: number): void {
    const { rows, autocheckpoint, writers } = this.#options
    this.#writers[index] = this.#start(
      writers[index] ?? onThisRuntime,
      "relay-writer",
      this.#file,
      rows,
      `w${this.#started++}`,
      autocheckpoint,
    )
  }

  #startRelay(index: number): void {
    const { rows, kills, method } = this.#options
    const name = `r${this.#started++}`
    // So that about half of the kills fall upon relays, and at least one.
    const batches = Math.ceil(rows / batchMax / Math.max(kills / 2, 1))
    const lifetime = kills === 0 ? Number.MAX_SAFE_INTEGER : 1 + Math.floor(Math.random() * batches)
    const relay = this.#start(onThisRuntime, "relay-publisher", this.#file, this.#published, name, method, lifetime)
    this.#relays[index] = relay
    relay.on("exit", (_code, signal) => {
      if (signal !== "SIGKILL" || this.#ended) return
      this.relaysKilled.add(name)
      this.#startRelay(index)
    })
  }

  #start([command = "", ...before]: readonly string[], program: string, ...args: (string | number)[]): ChildProcess {
    const path = fileURLToPath(new URL(`../programs/${program}.ts`, import.meta.url))
    const child = spawn(command, [...before, path, ...args.map(String)], { stdio: ["ignore", "ignore", "pipe"] })
    let errors = ""
    child.stderr?.on("data", (text) => {
      errors += text
    })
    child.on("exit", (code, signal) => {
      if (code !== 0 && signal === null) this.#failure ??= new Error(`${program} ended with ${code}:\n${errors}`)
    })
    return child
  }
}

type Books = Pick<TortureFigures, "skipped" | "phantom" | "sideBySide" | "repeated" | "unexplained">

/** What was published against what was placed: an order's number is its place in the order of the commits. */
async function compareBooks(database: BetterSqlite3.Database, published: string, relaysKilled: ReadonlySet<string>): Promise<Books> {
  const placed = database.prepare("SELECT message_id FROM orders ORDER BY id").pluck().all() as string[]
  const books: Books = { skipped: 0, phantom: 0, sideBySide: 0, repeated: 0, unexplained: 0 }
  let last = 0
  let publishing: string | undefined
  let before: string | undefined
  for await (const line of createInterface({ input: createReadStream(published) })) {
    const [relay = "", what = "", number] = line.split(" ")
    if (what === "begins") publishing = relay
    else if (publishing !== relay) books.sideBySide++
    if (number === undefined) continue
    const order = Number(number)
    if (placed[order - 1] !== what) books.phantom++
    if (order <= last) {
      books.repeated++
      if (before === relay || last - order >= batchMax || !(before && relaysKilled.has(before))) books.unexplained++
    } else {
      if (order > last + 1) books.skipped += order - last - 1
      before = relay
      last = order
    }
  }
  books.skipped += placed.length - last
  return books
}
