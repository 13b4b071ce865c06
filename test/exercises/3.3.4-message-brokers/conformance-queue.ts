import { pick } from "../support/chance.ts"
import { everyCrash, explore } from "../support/explore.ts"
import type { Check, Pace } from "./broker-run.ts"
import { leaseMs, QueueRun } from "./queue-run.ts"
import type { MakeQueue } from "./queue-under-test.ts"

// What every broker that keeps a state for each message holds to, whoever wrote it: its checks are run on the learner's miniature and on
// the broker of this project.

export const queueChecks: readonly Check<MakeQueue>[] = [
  { task: 1, title: "messages come in the order in which they were sent", check: (make) => play(make, [["A", "A", "A", "A"]]) },
  {
    task: 1,
    title: "nobody else gets a message while its lease lives",
    check: (make) =>
      play(make, [
        ["A", "B"],
        ["A", "B", "B"],
        ["A", 9, "B", "B"],
      ]),
  },
  {
    task: 1,
    title: "when its lease has ended, it comes again",
    check: (make) =>
      play(make, [
        ["A", 10],
        ["A", 10, "A"],
        ["A", 10, "B", 9, "C", "C"],
      ]),
  },
  { task: 1, title: "its attempts are counted", check: counted },
  { task: 1, title: "two kitchens that receive at the same moment get different messages", check: atTheSameMoment },
  {
    task: 2,
    title: "an acknowledged message is gone, and no other",
    check: (make) =>
      play(make, [
        ["A", "A!"],
        ["A", "A", "A!", "A!"],
        ["A", "B", "B!", 10, "A"],
      ]),
  },
  {
    task: 2,
    title: "a second acknowledgement changes nothing",
    check: (make) =>
      play(make, [
        ["A", "A!", "A!!"],
        ["A", "A!", "B", "A!!"],
      ]),
  },
  { task: 2, title: "an acknowledgement of a delivery that was passed on changes nothing", check: (make) => play(make, late) },
  { task: 2, title: "also not if it is passed on in its middle", check: passedOnMeanwhile },
  { task: 2, title: "whatever three kitchens do", check: atRandom },
  { task: 3, title: "each message is handled once", check: (make) => consumed(make, [{}, { ms: 900 }]) },
  { task: 3, title: "a message that its handler refused comes again", check: (make) => consumed(make, [{ refused: ["order-1"] }]) },
  { task: 3, title: "what a kitchen had in hand when it crashed comes again", check: crashes },
]

/** A kitchen receives ("A"), acknowledges what it has had longest ("A!"), does so once more ("A!!"), or so many seconds pass. */
type Act = string | number

const late: Act[][] = [
  ["A", 10, "B", "A!"],
  ["A", 10, "B", "A!", 10, "C"],
  ["A", 10, "B", "A!", "B!"],
  ["A", 10, "A", "B", 10, "B", "A!"],
]

async function play(make: MakeQueue, schedules: readonly (readonly Act[])[], count = 2): Promise<void> {
  await explore({ small: schedules }, (acts) => perform(make, acts, count))
}

async function atRandom(make: MakeQueue): Promise<void> {
  const acts = ["A", "A", "B", "B", "C", "A!", "A!", "A!!", "B!", "C!", 4, 10]
  const random = { count: 8, make: (chance: () => number): Act[] => Array.from({ length: 14 }, () => pick(chance, acts)) }
  await explore({ small: [], random }, (schedule) => perform(make, schedule, 4))
}

async function perform(make: MakeQueue, acts: readonly Act[], count: number): Promise<void> {
  await using run = new QueueRun(make)
  await run.sends(count)
  for (const act of acts) {
    if (typeof act === "number") await run.passes(act * 1_000)
    else if (act.endsWith("!!")) run.acknowledgesAgain(run.kitchen(act.slice(0, 1)))
    else if (act.endsWith("!")) run.acknowledges(run.kitchen(act.slice(0, 1)))
    else run.receives(run.kitchen(act))
  }
  // Whatever nobody acknowledged is still to be had.
  if (run.leased()) await run.passes(leaseMs)
  for (let left = run.left(); left >= 0; left--) run.receives(run.kitchen("D"))
}

async function counted(make: MakeQueue): Promise<void> {
  await using run = new QueueRun(make)
  await run.sends(1)
  for (const kitchen of ["A", "B", "A"].map((name) => run.kitchen(name))) {
    run.receives(kitchen)
    run.counts(kitchen)
    await run.passes(leaseMs)
  }
}

async function atTheSameMoment(make: MakeQueue): Promise<void> {
  await everyCrash(async (effect) => {
    await using run = new QueueRun(make)
    await run.sends(2)
    const met = run.receivesTogether(run.kitchen("A"), run.kitchen("B"), effect)
    if (met) run.receives(run.kitchen("C"))
    return met
  })
}

async function passedOnMeanwhile(make: MakeQueue): Promise<void> {
  await everyCrash(async (effect) => {
    await using run = new QueueRun(make)
    await run.sends(1)
    const [one, other] = [run.kitchen("A"), run.kitchen("B")]
    run.receives(one)
    await run.passes(leaseMs)
    const met = run.acknowledgesTooLate(one, other, effect)
    run.acknowledges(other)
    return met
  })
}

async function consumed(make: MakeQueue, paces: readonly Pace[]): Promise<void> {
  const small = paces.flatMap((pace) => [1, 2].flatMap((kitchens) => [1, 3].map((count) => ({ pace, kitchens, count }))))
  await explore({ small }, async ({ pace, kitchens, count }) => {
    await using run = new QueueRun(make)
    await run.sends(count)
    for (const name of ["A", "B"].slice(0, kitchens)) run.consumes(run.kitchen(name), pace)
    await run.finished({ ordered: kitchens === 1 && !pace.refused })
  })
}

async function crashes(make: MakeQueue): Promise<void> {
  await everyCrash(async (effect) => {
    await using run = new QueueRun(make)
    await run.sends(1)
    const first = run.kitchen("A")
    first.process.crashAtEffect(effect)
    run.consumes(first, {})
    const crashed = await run.works(first.process)
    if (crashed) run.tellsWhatIsKept()
    run.consumes(run.kitchen("B"), {})
    await run.finished({ ordered: false })
    return crashed
  })
}
