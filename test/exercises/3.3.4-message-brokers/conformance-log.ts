import { everyCrash, explore } from "../support/explore.ts"
import type { Check, Pace } from "./broker-run.ts"
import { LogRun, type MakeLog } from "./log-run.ts"

// What every broker that keeps a log and an offset for each group holds to, whoever wrote it: its checks are run on the learner's
// miniature and on the broker of this project.

export const logChecks: readonly Check<MakeLog>[] = [
  { task: 6, title: "a group handles every entry once, in order", check: inOrder },
  { task: 6, title: "each group handles every entry, at its own pace", check: independent },
  { task: 6, title: "an entry that its handler refused comes again, before the next one", check: refused },
  { task: 6, title: "what a service had in hand when it crashed comes again", check: crashes },
  { task: 6, title: "a group reads again from an offset on, and the others do not", check: replays },
]

async function inOrder(make: MakeLog): Promise<void> {
  await explore({ small: [1, 2, 5] }, (count) => consumed(make, count, { accounting: {} }))
}

async function independent(make: MakeLog): Promise<void> {
  const small: Record<string, Pace>[] = [
    { accounting: {}, delivery: {} },
    { accounting: { ms: 10 }, delivery: { ms: 400 } },
    { accounting: { refused: ["created"] }, delivery: { ms: 10 } },
  ]
  await explore({ small }, (paces) => consumed(make, 3, paces))
  await using run = new LogRun(make)
  await run.appends(2)
  run.consumes("accounting")
  await run.handles(["accounting"])
  run.consumes("delivery")
  await run.appends(1)
  await run.handles(["accounting", "delivery"])
  run.judges({ accounting: [run.appended], delivery: [run.appended] })
}

async function refused(make: MakeLog): Promise<void> {
  await explore({ small: ["created", "paid", "cooked"] }, (event) => consumed(make, 3, { accounting: { refused: [event] } }))
}

async function consumed(make: MakeLog, count: number, paces: Readonly<Record<string, Pace>>): Promise<void> {
  await using run = new LogRun(make)
  await run.appends(count)
  for (const [group, pace] of Object.entries(paces)) run.consumes(group, pace)
  await run.handles(Object.keys(paces))
  run.judges(Object.fromEntries(Object.keys(paces).map((group) => [group, [run.appended]])))
}

async function crashes(make: MakeLog): Promise<void> {
  await everyCrash(async (crashAtEffect) => {
    await using run = new LogRun(make)
    await run.appends(2)
    const first = run.consumes("accounting", { crashAtEffect })
    const crashed = await run.works(first)
    if (crashed) run.tellsWhatIsLeft("accounting")
    run.consumes("accounting")
    run.consumes("delivery")
    await run.handles(["accounting", "delivery"])
    run.judges({ accounting: [run.appended], delivery: [run.appended] })
    return crashed
  })
}

async function replays(make: MakeLog): Promise<void> {
  await explore({ small: ["created", "cooked"] }, async (event) => {
    await using run = new LogRun(make)
    await run.appends(3)
    const first = run.consumes("accounting")
    run.consumes("delivery")
    await run.handles(["accounting", "delivery"])
    await first.close()
    run.replays("accounting", event)
    const again = run.appended.slice(run.appended.indexOf(event))
    run.consumes("accounting", { round: 2 })
    await run.handles(["accounting"], again, 2)
    run.judges({ accounting: [run.appended, again], delivery: [run.appended] })
  })
}
