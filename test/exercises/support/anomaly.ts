import { createHash } from "node:crypto"
import { mkdirSync, renameSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { threadId } from "node:worker_threads"
import { expect } from "vitest"
import { toTrace } from "#waystation/testing"
import { History, type Step } from "./history.ts"
import { say, type Words } from "./language.ts"

export type AnomalyKind = "LOST" | "DUPLICATED" | "REORDERED" | "PHANTOM" | "STUCK"

/** Something wrong with the messages of a run. */
export interface Finding {
  readonly kind: AnomalyKind
  /** One sentence: what happened to the messages. */
  readonly headline: Words
  /** What there is to say below the schedule. */
  readonly note?: Words | undefined
  /** The keys that it concerns: of the steps that have a key, only theirs are told. All, if not given. */
  readonly keys?: readonly (string | undefined)[]
  /** The same of messages, where not all of a key belong to the story. */
  readonly messages?: readonly (string | undefined)[]
  /** The step that shows it: nothing after it is told. The last one, if not given. */
  readonly until?: Step | undefined
}

/** A failure in words: what went wrong with the messages, and the schedule that shows it. */
export class Anomaly extends Error {
  override readonly name = "Anomaly"
  /** The run as a file that the page plays back. */
  readonly tracePath: string
  /** How many steps the words tell. */
  readonly stepCount: number
  readonly #finding: Finding
  readonly #history: History

  constructor(finding: Finding, history: History) {
    const steps = toldSteps(finding, history)
    super(inWords(finding, steps))
    this.stepCount = steps.length
    this.#finding = finding
    this.#history = history
    this.tracePath = this.keepTrace()
  }

  /** Writes the trace, in the place of that of an earlier failure of the same test. */
  keepTrace(): string {
    const { testPath = "", currentTestName = "" } = expect.getState()
    const section = basename(dirname(testPath))
    const exercise = basename(testPath).replace(/\.test\.ts.*$/, "")
    const path = join(process.cwd(), ".traces", section.replace(/-.*/, ""), exercise, `${traceName(currentTestName)}.jsonl`)
    const { kind, headline, until } = this.#finding
    const task = Number(/\[(\d+)\]/.exec(currentTestName)?.[1] ?? 0)
    const entries = this.#history.entries().map((step, index) => (this.#history.steps[index] === until ? { ...step, anomaly: kind } : step))
    mkdirSync(dirname(path), { recursive: true })
    // Whole or not at all: a page may be reading it. Other threads may test another answer to the same exercise.
    const draft = `${path}.${process.pid}-${threadId}`
    writeFileSync(draft, toTrace(entries, { section, exercise, task, anomaly: kind, headline }))
    renameSync(draft, path)
    return path
  }
}

/** Short enough to be shown on one line of a terminal; the digits behind it tell tests apart that begin alike. */
function traceName(test: string): string {
  const words = test.toLowerCase().match(/[a-z0-9]+/g) ?? []
  return `${words.slice(0, 4).join("-")}-${createHash("md5").update(test).digest("hex").slice(0, 3)}`
}

/** A failure of a function that handles no messages itself: the steps are what it was asked, and what it answered. */
export function failure(kind: AnomalyKind, headline: Words, steps: readonly Words[]): Anomaly {
  const history = new History(() => 0)
  for (const words of steps) history.add({ process: "", event: "told", words })
  return new Anomaly({ kind, headline }, history)
}

function toldSteps({ keys, messages, until }: Finding, history: History): Step[] {
  const end = until ? history.steps.indexOf(until) + 1 : history.steps.length
  const among = (some: readonly (string | undefined)[] | undefined, one: string | undefined) =>
    !some || one === undefined || some.includes(one)
  return history.steps.slice(0, end).filter((step) => step.words && among(keys, step.key) && among(messages, step.message))
}

function inWords({ kind, headline, note }: Finding, steps: readonly Step[]): string {
  const told = steps.map((step, index) => `${String(index + 1).padStart(3)}. ${step.words ? say(step.words) : ""}`)
  return [`${kind}: ${say(headline)}`, ...told, ...(note ? [`  → ${say(note)}`] : [])].join("\n")
}
