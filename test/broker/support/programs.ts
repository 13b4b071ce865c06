import { type ChildProcess, spawn } from "node:child_process"
import { basename, delimiter } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** What a program says: one JSON value a line. */
export type Line = Record<string, unknown> & { said: string }

/** The runtime that runs the test; or those of WAYSTATION_RUNTIMES in turn, so that all of them meet on one file. */
const runtimes = process.env.WAYSTATION_RUNTIMES?.split(delimiter) ?? [process.execPath]
let started = 0

/** A program of `test/broker/programs/` in a process of its own. */
export class Program {
  readonly lines: Line[] = []
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly #process: ChildProcess
  readonly #waiting = new Set<() => void>()
  #errors = ""
  #over = false

  constructor(name: string, args: (string | number)[]) {
    const file = fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url))
    const runtime = runtimes[started++ % runtimes.length] as string
    const before = /deno/i.test(basename(runtime)) ? ["run", "--allow-all", "--quiet"] : []
    this.#process = spawn(runtime, [...before, file, ...args.map(String)], { stdio: ["pipe", "pipe", "pipe"] })
    this.#process.stderr?.on("data", (text) => {
      this.#errors += text
    })
    const output = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })
    output.on("line", (line) => {
      this.lines.push(JSON.parse(line) as Line)
      this.#wake()
    })
    const { promise, resolve } = Promise.withResolvers<number | string>()
    this.ended = promise
    this.#process.on("close", (code, signal) => {
      this.#over = true
      resolve(signal ?? code ?? 0)
      this.#wake()
    })
  }

  /** Resolves with the first line that says this, or the first `count` of them. */
  async says(said: string): Promise<Line> {
    return (await this.saysTimes(said, 1))[0] as Line
  }

  saysTimes(said: string, count: number): Promise<Line[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Line[]>()
    const check = () => {
      const found = this.lines.filter((line) => line.said === said)
      if (found.length >= count) resolve(found)
      else if (this.#over) reject(new Error(`The program ended before it said "${said}" ${count} times:\n${this.#errors}`))
      else return
      this.#waiting.delete(check)
    }
    this.#waiting.add(check)
    check()
    return promise
  }

  /** A line for the program to read. */
  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    // Not the child's own kill(): on Deno that takes the child for dead from the first signal on.
    if (this.#process.pid !== undefined && !this.#over) process.kill(this.#process.pid, signal)
  }

  /** Ends it as a power switch would: nothing in it runs any more. */
  async kill(): Promise<void> {
    this.signal("SIGKILL")
    await this.ended
  }

  /** Lets it finish by itself and fails if it did not end well. */
  async finish(): Promise<void> {
    this.#process.stdin?.end()
    const end = await this.ended
    if (end !== 0) throw new Error(`The program ended with ${end}:\n${this.#errors}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) await this.kill()
  }

  #wake(): void {
    for (const check of this.#waiting) check()
  }
}

export function program(name: string, ...args: (string | number)[]): Program {
  return new Program(name, args)
}
