import type { Goal } from "./field.ts"
import { median } from "./figures.ts"
import type { Figures } from "./loads.ts"

/** What was measured: each figure has one value a round, so that a ratio is of two that shared the machine's weather. */
export interface LoadResult {
  title: string
  begunAt: string
  /** What was measured. */
  commit: string
  /** The machine's load average over a minute, when it began and when it ended. */
  machineLoad: [number, number]
  rounds: Record<string, Figures[]>
}

export interface Results {
  machine: { processor: string; cores: number; system: string; node: string; syncMs: number }
  versions: Record<string, string>
  loads: Record<string, LoadResult>
}

export interface Outcome extends Goal {
  /** `undefined`: those it is measured against were left out. */
  value: number | undefined
  met: boolean | undefined
}

export function medianOf(result: LoadResult, contestant: string, figure: string): number | undefined {
  const values = (result.rounds[contestant] ?? []).flatMap((figures) => figures[figure] ?? [])
  return values.length === 0 ? undefined : median(values)
}

export function outcomeOf(goal: Goal, results: Results): Outcome {
  const result = results.loads[goal.load]
  const value = result && (goal.against ? ratioOf(result, goal.figure, goal.against.names) : medianOf(result, "waystation", goal.figure))
  if (value === undefined) return { ...goal, value, met: undefined }
  return { ...goal, value, met: value >= (goal.least ?? 0) && value <= (goal.most ?? Number.POSITIVE_INFINITY) }
}

/** The median over the rounds of Waystation's figure divided by the best of the others' in the same round. */
function ratioOf(result: LoadResult, figure: string, against: readonly string[]): number | undefined {
  const ratios = (result.rounds.waystation ?? []).flatMap((figures, round) => {
    const others = against.flatMap((name) => result.rounds[name]?.[round]?.[figure] ?? [])
    const own = figures[figure]
    return own === undefined || others.length === 0 ? [] : [own / Math.max(...others)]
  })
  return ratios.length === 0 ? undefined : median(ratios)
}
