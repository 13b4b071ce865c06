import type { Anomaly } from "./anomaly.ts"
import type { Fault } from "./faults.ts"
import type { Entry } from "./history.ts"

/** What a run is made of; everything else follows from the seed. */
export interface Plan {
  readonly faults: readonly Fault[]
  readonly processes: readonly string[]
  readonly messages: readonly number[]
}

export interface PlanRun {
  readonly found: Anomaly | undefined
  readonly history: readonly Entry[]
  readonly steps: number
}

export type FailedRun = PlanRun & { readonly found: Anomaly }

/** A run takes milliseconds; nobody waits for more of them than this. */
const attemptsMax = 300

/**
 * The smallest plan that still fails in the same way: without the faults that do not matter, then without the
 * processes, then without the messages.
 */
export async function shrink(
  whole: { plan: Plan; run: FailedRun },
  attempt: (plan: Plan) => Promise<PlanRun>,
): Promise<{ plan: Plan; run: FailedRun }> {
  const { plan, run } = whole
  let least = whole
  let attempts = 0
  const failsToo = async (smaller: Plan): Promise<boolean> => {
    if (attempts++ >= attemptsMax) return false
    const tried = await attempt(smaller)
    if (tried.found?.kind !== run.found.kind) return false
    least = { plan: smaller, run: { ...tried, found: tried.found } }
    return true
  }
  /** Without a consumer any message is stuck: that is another failure, and it needs no fault. */
  const makesSense = async (smaller: Plan): Promise<boolean> => {
    if (plan.faults.length === 0 || attempts++ >= attemptsMax) return false
    return (await attempt({ ...smaller, faults: [] })).found === undefined
  }
  if (!(await failsToo({ ...least.plan, faults: [] }))) {
    await reduce(plan.faults, (faults) => failsToo({ ...least.plan, faults }))
    await reduce(plan.processes, async (processes) => {
      const faults = least.plan.faults.filter((fault) => processes.includes(fault.process))
      const smaller = { ...least.plan, processes, faults }
      return (await makesSense(smaller)) && (await failsToo(smaller))
    })
  }
  await reduce(least.plan.messages, (messages) => failsToo({ ...least.plan, messages }))
  return least
}

/** Takes pieces out, large ones first, as long as the rest still fails (Zeller and Hildebrandt, "delta debugging"). */
async function reduce<Item>(items: readonly Item[], fails: (rest: readonly Item[]) => Promise<boolean>): Promise<void> {
  let rest = items
  for (let size = Math.ceil(rest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < rest.length; ) {
      const without = [...rest.slice(0, start), ...rest.slice(start + size)]
      if (await fails(without)) rest = without
      else start += size
    }
  }
}
