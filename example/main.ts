/**
 * The order process of section 3.5 in processes of their own: an order is taken at once, as PENDING; the consumer, kitchen and card
 * services validate it afterwards, by messages; when all have said yes, or one no, it is VALIDATED or REJECTED.
 *
 * To read: that section's solution (solutions/3.5-wrapping-up/), which these services run, then domain.ts, messages.ts,
 * order-service.ts and validating-service.ts. The rest is the stage: run.ts lets customers order and kills each service once, count.ts
 * counts what the files hold in the end.
 */
import { rmSync } from "node:fs"
import { argv, env, stderr, stdout } from "node:process"
import { BrokerError } from "#waystation"
import { systemLanguage } from "#workbook/language.ts"
import { type Arguments, directoryFor, ordersToPlace, readArguments } from "./arguments.ts"
import { type Counts, count } from "./count.ts"
import { type CustomerOrder, Refusal } from "./orders-file.ts"
import type { Progress, Step } from "./progress.ts"
import { run } from "./run.ts"
import type { Words } from "./words.ts"

/** Longer than any service takes to start again, on the slowest machine. */
const standstillMs = 30_000
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** @returns the exit code */
async function main(): Promise<number> {
  try {
    const given = readArguments(argv.slice(2), systemLanguage(env))
    if (given.isHelp) {
      stdout.write(`${given.words.usage.join("\n")}\n`)
      return 0
    }
    const orders = ordersToPlace(given)
    const directory = directoryFor(given)
    try {
      return await perform(orders, directory, given)
    } finally {
      if (given.keep === undefined) rmSync(directory, { recursive: true, force: true })
    }
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof BrokerError)) throw error
    stderr.write(`${error.message}\n`)
    return 1
  }
}

async function perform(orders: readonly CustomerOrder[], directory: string, { words }: Arguments): Promise<number> {
  const ended = new AbortController()
  const interrupt = () => ended.abort(new Refusal(words.interrupted))
  for (const signal of interruptions) process.once(signal, interrupt)
  const standstill = new Deadline(standstillMs, () => ended.abort(new Error(words.standstill(standstillMs / 1_000))))
  const died = (file: string, how: string) => {
    // An interrupted terminal interrupts everything in it.
    if (interruptions.some((signal) => signal === how)) interrupt()
    else ended.abort(new Refusal(words.died(file, how)))
  }
  const told: string[] = []
  let stood: Error | undefined
  try {
    await run({ orders, directory, signal: ended.signal, show: display(words, standstill), placed: (id) => told.push(id), died })
  } catch (error) {
    if (error !== ended.signal.reason || error instanceof Refusal) throw error
    stood = error as Error
  } finally {
    standstill.cancel()
    clearLine()
  }
  const counts = await count(directory, told)
  printCounts(counts, words)
  if (stood === undefined && isRight(counts, orders.length)) return 0
  stderr.write(`${stood?.message ?? words.wrong}\n`)
  return 1
}

function isRight({ placed, validated, rejected, lost, doubled, outOfOrder }: Counts, asked: number): boolean {
  return placed === asked && validated + rejected === placed && lost === 0 && doubled === 0 && outOfOrder === 0
}

/** On a terminal a line that is written over again and again; what happens to the services stays. */
function display(words: Words, standstill: Deadline): (progress: Progress, step?: Step) => void {
  let before = ""
  return (progress, step) => {
    const now = words.progress(progress)
    if (now === before && !step) return
    before = now
    standstill.putOff()
    clearLine()
    if (step) stdout.write(`${now}: ${words.steps[step]}\n`)
    else if (stdout.isTTY) stdout.write(now)
  }
}

function clearLine(): void {
  if (stdout.isTTY) stdout.write("\r\x1b[K")
}

function printCounts(counts: Counts, words: Words): void {
  const names = Object.keys(words.counts) as (keyof Counts)[]
  const width = Math.max(...names.map((name) => words.counts[name].length))
  stdout.write(names.map((name) => `${words.counts[name].padEnd(width)} ${String(counts[name]).padStart(6)}\n`).join(""))
}

/** Calls `late` when it has not been put off for so long. */
class Deadline {
  readonly #ms: number
  readonly #late: () => void
  #timer: ReturnType<typeof setTimeout>

  constructor(ms: number, late: () => void) {
    this.#ms = ms
    this.#late = late
    this.#timer = setTimeout(late, ms)
  }

  putOff(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#late, this.#ms)
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }
}

process.exitCode = await main()
