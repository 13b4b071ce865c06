import { test } from "vitest"
import * as work from "#work/3.3.5-competing-receivers-and-order/3-rebalance.ts"
import { type Finding, failure } from "../support/anomaly.ts"
import { pick } from "../support/chance.ts"
import { duplicated, missing, reordered } from "../support/checks.ts"
import { combinations, everyCrash, explore } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Act } from "./acts.ts"
import { type Commit, type GroupMember, GroupRun } from "./group.ts"
import { kitchenNamed, named } from "./kitchens.ts"

type Owners = readonly (string | undefined)[]

test("[7] every shard has an owner who is there, in even shares, with no needless move", async () => {
  const owners = [1, 2, 3, 4].flatMap((shards) => combinations(...Array.from({ length: shards }, () => [undefined, "A", "B", "X"])))
  const small = owners.flatMap((before) => [["A"], ["A", "B"], ["A", "B", "C"]].map((staying) => ({ before, staying })))
  const make = (random: () => number) => ({
    before: Array.from({ length: 12 }, () => pick(random, [undefined, "A", "B", "C", "X"])),
    staying: ["A", "B", "C", "D", "E"].slice(0, pick(random, [2, 3, 4, 5])),
  })
  await explore({ small, random: { count: 50, make } }, async ({ before, staying }) => checkAssignment(before, staying))
})

function checkAssignment(before: Owners, staying: readonly string[]): void {
  const after = work.assign([...before], [...staying])
  const share = (owners: Owners, name?: string) => owners.filter((owner) => owner === name).length
  const steps = [
    words("지금: {0}", "now: {0}", listed(before)),
    words("남는 주방: {0}", "staying: {0}", staying.join(", ")),
    words("assign()의 답: {0}", "assign() answers: {0}", listed(after)),
  ]
  const orphan = before.findIndex((_, shard) => !staying.includes(after[shard] ?? ""))
  if (orphan >= 0) {
    const gone = after[orphan] && kitchenNamed(after[orphan])
    const headline = gone
      ? words("{0}번 샤드의 주인 {1:은/는} 이제 없는 주방이에요", "shard {0} belongs to {1}, which is not there any more", orphan, gone)
      : words("{0}번 샤드에 주인이 없어요", "shard {0} belongs to nobody", orphan)
    throw failure("STUCK", headline, steps)
  }
  const shares = staying.map((name) => share(after, name))
  const [least, most] = [Math.min(...shares), Math.max(...shares)]
  if (most > least + 1) {
    const [few, many] = [least, most].map((count) => kitchenNamed(staying[shares.indexOf(count)] ?? ""))
    const headline = words(
      "{0:은/는} 샤드가 {1}개인데 {2:은/는} {3}개예요",
      "{0} has {1} shards, and {2} has {3}",
      ...[many, most, few, least].map((part) => part ?? ""),
    )
    throw failure("STUCK", headline, steps)
  }
  const quota = Math.floor(before.length / staying.length)
  const held = staying.map((name) => share(before, name))
  const keepable =
    held.reduce((sum, count) => sum + Math.min(count, quota), 0) +
    Math.min(held.filter((count) => count > quota).length, before.length % staying.length)
  const kept = before.filter((owner, shard) => owner !== undefined && owner === after[shard]).length
  if (kept === keepable) return
  const moved = before.findIndex((owner, shard) => staying.includes(owner ?? "") && owner !== after[shard])
  const [from, to] = [before[moved], after[moved]].map((name) => kitchenNamed(name ?? ""))
  const headline = words(
    "{0}번 샤드가 {1}에서 {2:으로/로} 괜히 옮겨 가고, 그동안 멈춰요",
    "shard {0} moves from {1} to {2} for nothing, and stands still meanwhile",
    ...[moved, from, to].map((part) => part ?? ""),
  )
  throw failure("STUCK", headline, steps)
}

function listed(owners: Owners): Words {
  const list = (nobody: string) => owners.map((owner, shard) => `${shard} → ${owner ?? nobody}`).join(", ")
  return { ko: list("없음"), en: list("nobody") }
}

test("[8] a shard that moves has never two owners, and nothing is done twice", async () => {
  const small: Act[][] = [
    ["joins"],
    ...[10, 150].map((wait): Act[] => ["joins", wait, "joins"]),
    ...[10, 150].map((wait): Act[] => ["joins", "joins", wait, "leaves"]),
    ...[10, 150].map((wait): Act[] => ["joins", "joins", wait, "crashes"]),
    ["joins", 10, "joins", 10, "crashes"],
    ["joins", 10, "joins", "joins", 120, "leaves", 10, "joins"],
  ]
  const make = (random: () => number): Act[] => {
    const wait = () => pick(random, [0, 10, 40, 110])
    return [
      "joins",
      wait(),
      "joins",
      wait(),
      pick(random, ["joins", "crashes"]),
      wait(),
      "joins",
      wait(),
      pick(random, ["leaves", "crashes"]),
    ]
  }
  await explore({ small, random: { count: 6, make } }, runRebalances)
})

/** As a commit should be: the tests of the hand-over are not about it. */
const fenced: Commit = (broker, { shard, generation, position }, effect) =>
  broker.transaction((database) => {
    const update = database
      .prepare("UPDATE shard SET position = ? WHERE number = ? AND generation = ?")
      .run(position + 1, shard, generation)
    if (update.changes === 1) effect()
    return update.changes === 1
  })

async function runRebalances(acts: readonly Act[]): Promise<void> {
  await using run = new GroupRun(fenced)
  let staying: GroupMember[] = []
  let crashed = false
  let rebalance = Promise.resolve()
  for (const act of acts) {
    if (typeof act === "number") await run.clock.advance(act)
    if (typeof act === "number" || typeof act === "object") continue
    // A coordinator does one rebalance after the other. A kitchen may crash in the middle of one.
    if (act !== "crashes") await run.until(rebalance)
    const [first] = staying
    if (act === "joins") {
      staying = [...staying, run.member(String.fromCharCode(65 + run.members.length))]
      run.tell(staying.at(-1), "joined", "{0:이/가} 합류해요", "{0} joins")
    } else if (act === "leaves") {
      staying = staying.slice(1)
      run.tell(first, "leaving", "{0:이/가} 나가려고 해요", "{0} wants to leave")
    } else if (act === "crashes") {
      staying = staying.slice(1)
      first?.process.crash()
      crashed = true
      await run.until(rebalance)
    }
    const members = run.members.filter((member) => member.process.alive)
    rebalance = work.rebalance(
      run.table,
      members,
      staying.map((member) => member.name),
    )
    if (act === "leaves") await run.until(rebalance).then(() => first?.process.close())
  }
  await run.until(rebalance)
  await run.works(run.events)
  const sent = run.events.map(named)
  run.judge(
    run.overlap,
    crashed ? undefined : wasted(run),
    reordered(run.history, sent),
    duplicated(run.history),
    run.needless,
    unattended(run, staying),
    missing(run.history, sent),
  )
}

/** DUPLICATED: nobody crashed, and yet work was for nothing, because its commit was refused. */
function wasted({ history }: GroupRun): Finding | undefined {
  const until = history.of("fenced")[0]
  if (!until) return undefined
  const headline = words(
    "{0}의 커밋이 거절되어 처음부터 다시 해야 해요",
    "{0} has to be done again: its commit was refused",
    code(until.message),
  )
  return { kind: "DUPLICATED", headline, keys: [until.key], until }
}

/** STUCK: a shard on which nobody works, or a kitchen without a shard. */
function unattended(run: GroupRun, staying: readonly GroupMember[]): Finding | undefined {
  const shards = [...run.log.keys()]
  const shard = shards.find((each) => !staying.some((member) => member.worksOn(each)))
  if (shard !== undefined) {
    return {
      kind: "STUCK",
      headline: words("{0}번 샤드에서 아무도 일하지 않아요", "nobody works on shard {0}", shard),
      keys: [run.keyOf(shard).key],
    }
  }
  const unused = staying.find((member) => !shards.some((each) => member.worksOn(each)))
  const owners = listed(run.table.owners())
  return (
    unused && {
      kind: "STUCK",
      headline: words("{0:은/는} 합류했는데 샤드가 없어요", "{0} has joined and has no shard", unused.who),
      note: owners,
      keys: [],
    }
  )
}

test("[9] an owner's commit moves the position and sends the ticket", async () => {
  await runCommits(async (run) => {
    give(run, run.member("A"))
  })
})

test("[9] the late commit of a kitchen that was taken for dead does nothing", async () => {
  const small = combinations<number | boolean>([true, false], [50, 150])
  await explore({ small }, ([anew, after]) =>
    runCommits(async (run) => {
      const late = run.member("A")
      give(run, late)
      await run.clock.advance(Number(after))
      late.standsStill(1_000)
      await run.clock.advance(100)
      give(run, anew ? run.member("B") : run.member("A", true))
    }),
  )
})

test("[9] a commit in the middle of which the shard is given on does nothing", async () => {
  await explore({ small: combinations<number | boolean>([true, false], [1, 2]) }, ([anew, transaction]) =>
    runCommits(async (run) => {
      const late = run.member("A")
      late.standsStillBefore(Number(transaction), () => give(run, anew ? run.member("B") : run.member("A", true)))
      give(run, late)
    }),
  )
})

test("[9] after a crash at any point the position and the tickets agree", async () => {
  await everyCrash(async (crashAtEffect) => {
    let crashed = false
    await runCommits(async (run) => {
      const first = run.member("A")
      first.process.crashAtEffect(crashAtEffect)
      give(run, first)
      await run.clock.advance(1_000)
      crashed = !first.process.alive
      if (crashed) give(run, run.member("B"))
    })
    return crashed
  })
})

function give(run: GroupRun, member: GroupMember): void {
  member.start(0, run.table.give(0, member.name))
}

/** The learner's commit in every kitchen, all on shard 0. What counts is what stands in the file in the end. */
async function runCommits(play: (run: GroupRun) => Promise<void>): Promise<void> {
  await using run = new GroupRun(work.commit)
  await play(run)
  const events = run.log[0] ?? []
  await run.reaches(() => run.position(0) >= events.length, 5_000)
  await run.clock.advance(2_000)
  run.judge(
    run.misplaced,
    ticketsWrong(run, events.map(named)),
    run.untrue,
    run.position(0) === events.length ? undefined : missing(run.history, events.map(named)),
  )
}

/** The tickets in the queue are what the commits' effects came to. */
function ticketsWrong(run: GroupRun, sent: readonly { message: string; key: string }[]): Finding | undefined {
  const tickets = run.tickets().map((ticket) => named(ticket).message)
  const behind = sent.slice(0, run.position(0)).map(({ message }) => message)
  for (const { message, key } of sent) {
    const count = tickets.filter((ticket) => ticket === message).length
    const ends = run.history.of("finished", "fenced").filter((step) => step.message === message)
    const about = { keys: [key], messages: [message] }
    if (count > 1) {
      const headline = words("{0}의 주문표가 {1}장 나왔어요", "{1} tickets were sent for {0}", code(message), count)
      return { kind: "DUPLICATED", headline, ...about, until: ends[1] }
    }
    if (count === 0 && behind.includes(message)) {
      const headline = words(
        "{0:은/는} 끝난 일로 적혔는데 주문표가 나오지 않았어요",
        "{0} counts as done, and its ticket was never sent",
        code(message),
      )
      const note = words(
        "0번 샤드의 위치가 이미 그 뒤에 있어서 다시 할 주방이 없어요",
        "the position of shard 0 is behind it already: nobody will do it again",
      )
      return { kind: "LOST", headline, note, ...about, until: run.history.of("crashed")[0] }
    }
  }
  return undefined
}
