import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { isAbsolute, join } from "node:path"
import type { ExerciseResult } from "../result.ts"
import { interpret } from "./interpret.ts"
import type { Job, ModuleResult, RunnerMessage, RunRequest } from "./protocol.ts"

export type { Job } from "./protocol.ts"

export interface RunOptions {
  /** Decides the order of the tests; without it they run as they stand. */
  shuffleSeed?: number
  /** Without it, jobs that run in one thread share the libraries that they load: many run in a third of the time. @default true */
  isolate?: boolean
}

const complaintCharactersMax = 2_000

/**
 * Runs exercises' tests in a process of their own, which stays for the next run. Every job gets a result, whatever its code does.
 */
export class Runner {
  readonly #root: string
  readonly #limitMs: number
  #child: ChildProcess | undefined
  #ready: Promise<unknown> | undefined
  #complaints = ""

  /** A run that gives no sign of life for `limitMs` is stopped. */
  constructor(root: string, limitMs = 10_000) {
    this.#root = root
    this.#limitMs = limitMs
  }

  /** Starts the process ahead of the first run. */
  warm(): ChildProcess {
    if (this.#child) return this.#child
    const child = fork(join(import.meta.dirname, "vitest-process.ts"), [this.#root], {
      // The tests leave their traces where they run.
      cwd: this.#root,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    })
    this.#complaints = ""
    child.stderr?.on("data", (data) => {
      this.#complaints = `${this.#complaints}${data}`.slice(-complaintCharactersMax)
    })
    // The first message says that it is ready.
    this.#ready = Promise.race([once(child, "message"), once(child, "exit")])
    child.once("exit", () => {
      if (this.#child === child) this.#child = undefined
    })
    this.#child = child
    return child
  }

  /** The results in the order of the jobs. One run at a time. */
  async run(jobs: readonly Job[], options: RunOptions = {}): Promise<ExerciseResult[]> {
    const results = jobs.map((job): ExerciseResult | undefined => (existsSync(this.#codePath(job)) ? undefined : { state: "missing" }))
    const present = jobs.filter((_job, index) => !results[index])
    const ran = present.length > 0 ? await this.#runPresent(present, options) : []
    // Tried again once: it need not be the code that is at fault.
    for (const [index, job] of present.entries()) {
      if (fileGoneBeside(ran[index])) ran.splice(index, 1, ...(await this.#runPresent([job], options)))
    }
    return results.map((result) => result ?? (ran.shift() as ExerciseResult))
  }

  /** Ends the process and with it a run that goes on: what has no result yet counts as crashed. */
  async stop(): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#child = undefined
    child.kill("SIGKILL")
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  }

  #codePath({ file, work }: Job): string {
    const path = work.endsWith(".ts") ? work : `${work}/${file}`
    return isAbsolute(path) ? path : join(this.#root, path)
  }

  async #runPresent(jobs: readonly Job[], { shuffleSeed, isolate = true }: RunOptions): Promise<ExerciseResult[]> {
    const child = this.warm()
    await this.#ready
    const directory = mkdtempSync(join(tmpdir(), "waystation-run-"))
    const request: RunRequest = { jobs, shuffleSeed, isolate, log: join(directory, "tests") }
    try {
      const { results, rest } = await this.#converse(child, request)
      return jobs.map((job, index) => {
        const result = results[index]
        return result ? interpret(result, { path: this.#codePath(job), root: this.#root }) : rest
      })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }

  /** Resolves with the results that came, and with what became of the rest. */
  #converse(child: ChildProcess, request: RunRequest): Promise<{ results: ModuleResult[]; rest: ExerciseResult }> {
    return new Promise((resolve) => {
      const results: ModuleResult[] = []
      const end = (rest: ExerciseResult) => {
        clearTimeout(timer)
        child.off("message", hear).off("exit", crash)
        resolve({ results, rest })
      }
      const crash = () => end({ state: "crashed", words: this.#complaints.trim() })
      const expire = () => {
        end({ state: "endless", seconds: this.#limitMs / 1_000, ...lastNoted(request.log) })
        void this.stop()
      }
      const hear = (message: RunnerMessage) => {
        clearTimeout(timer)
        timer = setTimeout(expire, this.#limitMs)
        if (message.type === "result") results[message.index] = message.result
        if (message.type === "end") crash()
      }
      let timer = setTimeout(expire, this.#limitMs)
      child.on("message", hear).once("exit", crash)
      if (child.connected) child.send(request)
      else crash()
    })
  }
}

/** A file that was there a moment ago is missing, and not at a line of the tested code. */
function fileGoneBeside(result: ExerciseResult | undefined): boolean {
  return result?.state === "unloadable" && !result.place && result.words.includes("ENOENT")
}

/** The test that was about to run last; none if the file did not even load. */
function lastNoted(log: string): { test: string } | undefined {
  if (!existsSync(log)) return undefined
  return { test: readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "" }
}
