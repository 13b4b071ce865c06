import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { execPath, versions } from "node:process"
import { createInterface } from "node:readline"

interface ServiceEvents {
  readonly heard?: (line: string) => void
  /** It ended, and nobody here had asked for it. */
  readonly died: (file: string, how: string) => void
}

/** A service in an operating system process of its own, on the runtime that runs this one. */
export class ServiceProcess {
  readonly #file: string
  readonly #parameters: readonly string[]
  readonly #events: ServiceEvents
  #process: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #isToEnd = false

  constructor(file: string, parameters: readonly string[], events: ServiceEvents) {
    this.#file = file
    this.#parameters = parameters
    this.#events = events
  }

  start(): void {
    const program = [join(import.meta.dirname, this.#file), ...this.#parameters]
    const child = spawn(execPath, versions.deno ? ["run", "--allow-all", ...program] : program, { stdio: ["pipe", "pipe", "inherit"] })
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = (how: string) => {
      if (!this.#isToEnd) this.#events.died(this.#file, how)
      resolve()
    }
    this.#process = child
    this.#ended = promise
    this.#isToEnd = false
    // Who is dead does not hear; the customers ask again.
    child.stdin.on("error", () => {})
    createInterface({ input: child.stdout }).on("line", (line) => this.#events.heard?.(line))
    child.on("close", (code, signal) => end(signal ?? `exit code ${code}`))
    child.on("error", (error) => end(error.message))
  }

  tell(line: string): void {
    this.#process?.stdin?.write(`${line}\n`)
  }

  /** As a power switch would: nothing in it runs any more. */
  kill(): Promise<void> {
    this.#isToEnd = true
    this.#process?.kill("SIGKILL")
    return this.#ended
  }

  /** Lets it finish what it has begun. */
  stop(): Promise<void> {
    this.#isToEnd = true
    this.#process?.stdin?.end()
    return this.#ended
  }
}
