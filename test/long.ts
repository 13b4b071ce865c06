/**
 * The long form of the tests that have one, each with its figures on one line: `npm run test:long`. What they show, and what they
 * showed when: test/suites/README.md.
 *
 *   npm run test:long -- --only T5,T6     these alone
 *   npm run test:long -- --part 2/4       a quarter of the work, for one of four machines
 */
import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { fetchRuntimes } from "./suites/support/runtimes.ts"

interface Piece {
  readonly name: string
  readonly title: string
  /** Of a suite that is run by vitest, or of a program with its parameters. */
  readonly run: readonly string[]
  /** Takes longer only if something is wrong: it is stopped then, and has failed. */
  readonly minutesMax: number
  /** Its work can be shared out: `--part` gives it its share. What cannot be, one of the parts does. */
  readonly shared?: boolean
}

const root = join(import.meta.dirname, "..")
const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts", "--mode", "long", "--reporter=dot"]
const suite = (name: string) => [...vitest, "--project=suites", `test/suites/${name}`]
const program = (name: string, ...parameters: string[]) => [`test/suites/${name}.ts`, ...parameters]

const pieces: readonly Piece[] = [
  { name: "T1", title: "a crash at every effect", run: suite("t01-"), minutesMax: 5 },
  { name: "T2", title: "simulated lives", run: suite("t02-"), minutesMax: 30, shared: true },
  { name: "T3", title: "planted defects", run: suite("t03-"), minutesMax: 10 },
  { name: "T4", title: "one history on every runtime", run: suite("t04-"), minutesMax: 10 },
  { name: "T5", title: "killed processes", run: suite("t05-"), minutesMax: 40, shared: true },
  { name: "T6", title: "power cuts", run: suite("t06-"), minutesMax: 10 },
  { name: "T7", title: "failing disks", run: suite("t07-"), minutesMax: 5 },
  { name: "T8", title: "processes that stand still", run: suite("t08-"), minutesMax: 10 },
  { name: "T9", title: "saturated writers", run: suite("t09-"), minutesMax: 5 },
  { name: "T10", title: "wake-up", run: suite("t10-"), minutesMax: 5 },
  { name: "T11", title: "size of the log", run: suite("t11-"), minutesMax: 30 },
  { name: "T12", title: "outbox relay", run: suite("t12-"), minutesMax: 30, shared: true },
  { name: "T13", title: "rebalances", run: suite("t13-"), minutesMax: 10 },
  { name: "T14", title: "poison messages", run: suite("t14-"), minutesMax: 2 },
  { name: "T15", title: "a model's topic", run: suite("t15-"), minutesMax: 20, shared: true },
  { name: "T16", title: "hostile input", run: suite("t16-"), minutesMax: 10 },
  {
    name: "relay-torture",
    title: "polling, with kills",
    run: program("relay-torture", "--method", "polling", "--rows", "200000"),
    minutesMax: 20,
  },
  { name: "relay-power-cut", title: "relays and power cuts", run: program("relay-power-cut"), minutesMax: 10 },
  { name: "wal-fuzz", title: "damaged logs", run: program("wal-fuzz"), minutesMax: 10 },
  { name: "3.5", title: "the order process", run: suite("order-process"), minutesMax: 10, shared: true },
  {
    name: "gates",
    title: "every wrong answer, in both languages",
    run: [...vitest, "--project=workbook", "test/workbook/gate-"],
    minutesMax: 30,
  },
  { name: "page", title: "every chapter and the journey, in both languages", run: [...vitest, "--project=page"], minutesMax: 10 },
]

const { values } = parseArgs({ options: { only: { type: "string" }, part: { type: "string", default: "1/1" } } })
const [part = 1, parts = 1] = partOf(values.part)
const chosen = chosenPieces(values.only)
const minutes = chosen.reduce((sum, { minutesMax }) => sum + minutesMax, 0)
console.log(`${chosen.length} pieces, at most ${minutes} minutes, part ${part} of ${parts}.`)

if (chosen.some(({ name }) => ["T4", "T5", "T12"].includes(name))) fetchRuntimes()
let failed = 0
for (const [index, piece] of chosen.entries()) {
  const begin = performance.now()
  const stopTelling = tellProgress(`[${index + 1}/${chosen.length}] ${piece.name} ${piece.title}, at most ${piece.minutesMax} min`)
  const complaint = await work(piece)
  stopTelling()
  const seconds = ((performance.now() - begin) / 1_000).toFixed(0)
  console.log(complaint === undefined ? `${piece.name} ok, ${seconds} s` : `${piece.name} FAILED after ${seconds} s\n${complaint}`)
  if (complaint !== undefined) failed++
}
console.log(failed === 0 ? "All passed." : `${failed} of ${chosen.length} failed.`)
process.exit(failed === 0 ? 0 : 1)

/** Prints its figures as they come. Returns what went wrong, if anything did. */
async function work({ run, minutesMax, name }: Piece): Promise<string | undefined> {
  const env = { ...process.env, NO_COLOR: "1", WAYSTATION_PART: `${part}/${parts}` }
  const child = spawn(process.execPath, [...run], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] })
  const timer = setTimeout(() => child.kill("SIGKILL"), minutesMax * 60_000)
  const isFigure = (line: string) => line.startsWith(`${name} `)
  const printed = await output(child, (line) => isFigure(line) && clearLine(() => console.log(line)))
  clearTimeout(timer)
  if (child.exitCode === 0) return undefined
  return child.signalCode === "SIGKILL" ? `It was stopped after ${minutesMax} minutes.\n${printed}` : printed
}

function output(child: ChildProcess, onLine: (line: string) => void): Promise<string> {
  let printed = ""
  let rest = ""
  child.stderr?.on("data", (chunk) => {
    printed += chunk
  })
  child.stdout?.on("data", (chunk) => {
    printed += chunk
    const lines = (rest + chunk).split("\n")
    rest = lines.pop() ?? ""
    // A reporter's dots stand before it now and then.
    for (const line of lines) onLine(line.replace(/^[^\w]+/, ""))
  })
  return new Promise((resolve) => child.on("close", () => resolve(printed)))
}

/** A line that is written anew each second; where nobody looks, once. Returns what ends it. */
function tellProgress(text: string): () => void {
  if (!process.stderr.isTTY) {
    console.error(text)
    return () => {}
  }
  const begin = performance.now()
  const tell = () => process.stderr.write(`\r\u001b[K${text}: ${((performance.now() - begin) / 1_000).toFixed(0)} s`)
  tell()
  const timer = setInterval(tell, 1_000)
  return () => {
    clearInterval(timer)
    clearLine(() => {})
  }
}

function clearLine(then: () => void): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K")
  then()
}

function partOf(text: string): [number, number] {
  const [, of = "", all = ""] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  if (Number(of) >= 1 && Number(of) <= Number(all)) return [Number(of), Number(all)]
  return misused(`--part takes one of how many, such as 2/4: got "${text}".`)
}

function chosenPieces(only: string | undefined): readonly Piece[] {
  const names = pieces.map(({ name }) => name)
  const wanted = only?.split(",") ?? names
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined) misused(`--only takes some of ${names.join(", ")}, with commas between: got "${unknown}".`)
  const mine = (piece: Piece, index: number) => piece.shared || index % parts === part - 1
  return pieces.filter(({ name }) => wanted.includes(name)).filter(mine)
}

function misused(sentence: string): never {
  console.error(sentence)
  process.exit(2)
}
