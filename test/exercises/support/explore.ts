import { Anomaly } from "./anomaly.ts"
import { seed, seeded } from "./chance.ts"

/** The schedules of a test: all of a small set, from short to long, and as many more as chance shall make. */
export interface Schedules<Schedule> {
  readonly small: Iterable<Schedule>
  readonly random?: { readonly count: number; readonly make: (random: () => number) => Schedule }
}

/**
 * Runs the learner's code over all schedules and fails with the shortest that fails: of the small set that is the first,
 * of the random ones, which have no order, the one that takes the fewest words.
 */
export async function explore<Schedule>({ small, random }: Schedules<Schedule>, run: (schedule: Schedule) => Promise<void>): Promise<void> {
  for (const schedule of small) await run(schedule)
  let shortest: Anomaly | undefined
  for (let index = 0; random && index < random.count; index++) {
    try {
      await run(random.make(seeded(seed() * 1_000 + index)))
    } catch (error) {
      if (!(error instanceof Anomaly)) throw error
      if (!shortest || error.stepCount < shortest.stepCount) shortest = error
    }
  }
  if (!shortest) return
  shortest.keepTrace()
  throw shortest
}

/** Every combination that takes one of each list. */
export function combinations<Item>(...lists: readonly (readonly Item[])[]): Item[][] {
  return lists.reduce<Item[][]>((all, list) => all.flatMap((chosen) => list.map((item) => [...chosen, item])), [[]])
}

/**
 * Runs the learner's code with a crash at its first effect, at its second, and so on, until it is through before it
 * crashes. `run` says whether it crashed.
 */
export async function everyCrash(run: (crashAtEffect: number) => Promise<boolean>): Promise<void> {
  for (let effect = 1; await run(effect); effect++) {
    if (effect === crashesMax) throw new Error(`The code has more than ${crashesMax} effects: it seems to go round in circles.`)
  }
}

const crashesMax = 500
