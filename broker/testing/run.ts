import type { OutgoingMessage } from "../message.ts"
import type { Database } from "../storage/database.ts"
import { type Anomaly, AnomalyError, anomaly } from "./anomaly.ts"
import { firstAnomaly, type Stored } from "./checker.ts"
import { Engine, type ProcessMain } from "./engine.ts"
import type { Entry } from "./history.ts"
import type { Template } from "./sandbox.ts"

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

/** The files that a scenario's runs begin with; made once, however many runs there are. */
export async function templateOf(scenario: { setup?: ProcessMain }, seed: number): Promise<Template | undefined> {
  const { setup } = scenario
  const known = templates.get(scenario)
  if (!setup || known) return known
  const engine = new Engine({ seed })
  try {
    const process = engine.start("setup", setup)
    const done = await engine.run(() => process.state !== "running", setupLimitMs)
    if (!done) throw new Error("The scenario's setup does not come to an end.")
    if (typeof process.state === "object") throw process.state.error
    process.dead = true
    const template = engine.sandbox.toTemplate()
    templates.set(scenario, template)
    return template
  } finally {
    engine.dispose()
  }
}

const setupLimitMs = 600_000

export function outcomeOf(engine: Engine): Outcome {
  return {
    history: engine.history,
    published: engine.published,
    effects: (what) => engine.history.filter((entry) => entry.event === "effect" && entry.what === what),
    open: (file) => engine.sandbox.connect(file),
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

export function failure(error: unknown): Anomaly {
  const reason = error instanceof Error ? error.message : String(error)
  return { ...anomaly("FAILED", reason), cause: error }
}

/** Looks for a message in the tables of every broker of the run. */
function storedIn(engine: Engine): Stored {
  const ids = new Set<string>()
  for (const file of engine.sandbox.files) {
    const database = engine.sandbox.connect(file)
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'waystation_%' AND sql LIKE '%message_id%'")
      .pluck()
      .all()
    for (const table of tables) {
      if (table === "waystation_recent_id" || table === "waystation_inbox") continue
      for (const id of database.prepare(`SELECT message_id FROM "${table}"`).pluck().iterate()) ids.add(id as string)
    }
  }
  return (_channel, id) => ids.has(id)
}
