import type { OutgoingMessage } from "../message.ts"
import type { Database } from "../storage/database.ts"
import { type Anomaly, AnomalyError, anomaly } from "./anomaly.ts"
import { firstAnomaly, type Stored } from "./checker.ts"
import { Engine, type ProcessMain, type Template } from "./engine.ts"
import type { Entry } from "./history.ts"
import { storedMessages } from "./waiting.ts"

/** What a run left behind, for a scenario's own check. */
export interface Outcome {
  readonly history: readonly Entry[]
  /** What went through the scenario's publishers, in order of arrival, repetitions included. */
  readonly published: readonly OutgoingMessage[]
  /** The outside effects of this name, in order. */
  effects(what: string): readonly Entry[]
  /** A connection to a file of the run: past the kit, for looking. */
  open(file: string): Database
}

/** Returns, or resolves with, an anomaly if something is wrong, or throws. Anything else means that all is well. */
export type Check = (outcome: Outcome) => unknown

const templates = new WeakMap<object, Template>()

/** What a scenario's runs begin with: made once, however many runs there are, and the same for every seed. */
export async function templateOf(scenario: { setup?: ProcessMain }): Promise<Template | undefined> {
  const { setup } = scenario
  const known = templates.get(scenario)
  if (!setup || known) return known
  const engine = new Engine({ seed: 0 })
  try {
    const process = engine.start("setup", setup)
    const done = await engine.run(() => process.state !== "running", quietMsDefault)
    if (!done) throw new Error("The scenario's setup does not come to an end.")
    if (typeof process.state === "object") throw process.state.error
    process.end()
    const template = engine.toTemplate()
    templates.set(scenario, template)
    return template
  } finally {
    engine.dispose()
  }
}

/** Longer than any lease, delay or back-off that is not chosen on purpose. */
export const quietMsDefault = 120_000

export function outcomeOf(engine: Engine): Outcome {
  return {
    history: engine.history,
    published: engine.published,
    effects: (what) => engine.history.filter((entry) => entry.event === "effect" && entry.what === what),
    open: (file) => engine.sandbox.observe(file),
  }
}

/** The scenario's own check first: it knows what the messages meant. */
export async function judge(engine: Engine, check: Check | undefined): Promise<Anomaly | undefined> {
  try {
    const found = await check?.(outcomeOf(engine))
    if (isAnomaly(found)) return found
  } catch (error) {
    if (error instanceof AnomalyError) return error.anomaly
    return failure(error)
  }
  return firstAnomaly(engine.history, storedIn(engine))
}

function isAnomaly(value: unknown): value is Anomaly {
  return typeof value === "object" && value !== null && "kind" in value && "text" in value
}

export function stuck(engine: Engine, quietMs: number): Anomaly {
  const seconds = Math.round(quietMs / 1_000)
  const why = engine.goesInCircles
    ? { en: "it goes round in circles", ko: "같은 일을 끝없이 되풀이합니다" }
    : {
        en: `for ${seconds} seconds of virtual time nothing has happened`,
        ko: `가상 시간으로 ${seconds}초 동안 아무 일도 일어나지 않습니다`,
      }
  const unfinished = engine.processes.filter(({ dead, state }) => !dead && state !== "finished").map(({ name }) => name)
  const waiting = [...engine.openDestinations(), ...unfinished].map((name) => `"${name}"`).join(", ")
  return anomaly("STUCK", {
    en: `The work does not come to an end: ${why.en}.${waiting && ` Not done: ${waiting}.`}`,
    ko: `일이 끝나지 않습니다. ${why.ko}.${waiting && ` 끝나지 않은 것: ${waiting}.`}`,
  })
}

export function failure(error: unknown): Anomaly {
  const reason = error instanceof Error ? error.message : String(error)
  return { ...anomaly("FAILED", reason), cause: error }
}

function storedIn(engine: Engine): Stored {
  const files = [...engine.brokerFiles]
  const stored = new Set(files.flatMap((file) => storedMessages(engine.sandbox.observe(file))).map((message) => JSON.stringify(message)))
  return (...message) => stored.has(JSON.stringify(message))
}
