import { test } from "vitest"
import { callAny, Directory, type Instance, NoInstanceError, RoundRobin } from "#work/3.2.4-service-discovery/4-client-side.ts"
import { pick } from "../support/chance.ts"
import { explore } from "../support/explore.ts"
import { type Words, words } from "../support/language.ts"
import { comes, Story, shown, watched } from "../support/story.ts"
import { Wrong } from "../support/wrong.ts"
import { KitchenServer } from "./kitchen-server.ts"

const kitchens = (count: number, from = 1): Instance[] =>
  Array.from({ length: count }, (_, index) => ({ id: `kitchen-${from + index}`, url: `http://10.0.0.${from + index}:8080` }))

/** So many picks from so many kitchens, then from another list. */
type Picks = { readonly from: readonly Instance[]; readonly times: number }

test("[7] each in turn, and only those of the list of now", async () => {
  const picks = (from: readonly Instance[], times: number): Picks => ({ from, times })
  const small: Picks[][] = [
    [picks(kitchens(1), 2)],
    [picks(kitchens(3), 6)],
    ...[1, 2, 3, 4].map((times) => [picks(kitchens(3), times), picks(kitchens(2), 4)]),
    ...[1, 2, 3].map((times) => [picks(kitchens(3), times), picks(kitchens(1), 2)]),
    [picks(kitchens(2), 3), picks(kitchens(4), 8)],
    [picks(kitchens(2), 1), picks(kitchens(2, 3), 4)],
    [picks(kitchens(3), 2), picks([], 1), picks(kitchens(2), 4)],
  ]
  const make = (random: () => number) =>
    Array.from({ length: 8 }, () => picks(kitchens(pick(random, [1, 2, 3, 5]), pick(random, [1, 3])), pick(random, [1, 4, 7])))
  await explore({ small, random: { count: 50, make } }, async (all) => checkPicks(all))
})

function checkPicks(all: readonly Picks[]): void {
  const robin = new RoundRobin()
  const steps: Words[] = []
  for (const { from, times } of all) {
    const ids = from.map(({ id }) => id)
    steps.push(words("목록: {0}", "the list: {0}", ids.join(", ") || "[]"))
    const picked: string[] = []
    for (let time = 0; time < times; time++) {
      if (from.length === 0) {
        expectNone(robin, steps)
        continue
      }
      const instance = robin.next([...from])
      steps.push(words("next(): {0}", "next(): {0}", String(instance?.id)))
      if (!ids.includes(instance?.id)) {
        const headline = words(
          "next()가 고른 {0:은/는} 지금 목록에 없어요",
          "next() picks {0}, which is not in the list of now",
          String(instance?.id),
        )
        throw new Wrong(headline, steps)
      }
      picked.push(instance.id)
      const lately = picked.slice(-ids.length)
      if (new Set(lately).size === lately.length) continue
      const headline = words(
        "{0:이/가} 다시 뽑혔는데, 아직 차례가 오지 않은 것이 있어요",
        "{0} is picked again, and there are others whose turn has not come",
        instance.id,
      )
      throw new Wrong(headline, steps)
    }
  }
}

function expectNone(robin: RoundRobin, steps: Words[]): void {
  try {
    const picked = robin.next([])
    steps.push(words("next(): {0}", "next(): {0}", String(picked?.id)))
  } catch (error) {
    if (error instanceof NoInstanceError) return
    throw error
  }
  throw new Wrong(words("빈 목록에서는 NoInstanceError가 나와야 해요", "an empty list should give a NoInstanceError"), steps)
}

const refreshMs = 30_000

/** Somebody asks for the list, the registry's list becomes another one, the registry goes out of reach or comes back; time passes. */
type Act = "asks" | "down" | "up" | { readonly list: readonly Instance[] } | number

test("[8] the list is asked for once in refreshMs", async () => {
  const small: Act[][] = [
    ["asks"],
    ["asks", "asks"],
    ["asks", 29_999, "asks"],
    ["asks", 29_999, { list: kitchens(1) }, "asks"],
    ["asks", 30_001, "asks"],
    ["asks", { list: kitchens(1) }, 30_001, "asks"],
    ["asks", 20_000, "asks", 20_000, { list: [] }, "asks"],
  ]
  await explore({ small }, askAgainAndAgain)
})

test("[8] while the registry cannot be reached, the last list is used", async () => {
  const small: Act[][] = [
    ["asks", "down", 30_001, "asks"],
    ["asks", "down", 30_001, "asks", 30_001, "asks"],
    ["asks", "down", 30_001, "asks", "up", { list: kitchens(1) }, 30_001, "asks"],
    ["down", "asks"],
    ["down", "asks", "up", 30_001, "asks"],
  ]
  const make = (random: () => number) =>
    Array.from({ length: 25 }, () =>
      pick<Act>(random, ["asks", "asks", "down", "up", { list: kitchens(pick(random, [0, 1, 3])) }, 11_000, 31_000]),
    )
  await explore({ small, random: { count: 30, make } }, askAgainAndAgain)
})

async function askAgainAndAgain(acts: readonly Act[]): Promise<void> {
  const story = new Story()
  let [list, reachable, requests] = [kitchens(2) as readonly Instance[], true, 0]
  const ask = async () => {
    requests++
    if (!reachable) {
      story.tell("레지스트리에 닿지 못해요", "the registry is not reached")
      throw new Error("the registry cannot be reached")
    }
    story.tell("레지스트리의 답: {0}", "the registry answers: {0}", idsOf(list))
    return [...list]
  }
  const directory = new Directory({ clock: story.clock, refreshMs, ask })
  // The list that the registry gave last, and when.
  let known: { list: readonly Instance[]; at: number } | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  for (const act of acts) {
    if (typeof act === "number") await story.clock.advance(act)
    else if (act === "down" || act === "up") reachable = act === "up"
    else if (typeof act === "object") list = act.list
    if (act !== "asks") continue
    const before = requests
    const seen = watched(story, () => directory.instances())
    await story.clock.settle()
    story.tell("instances(): {0}", "instances(): {0}", seen.ending?.value ? idsOf(seen.ending.value) : shown(seen))
    const fresh = known !== undefined && story.now - known.at < refreshMs
    // After a failure it may try again at once, or after another refreshMs.
    const mayWait = story.now - triedAt < refreshMs
    const asked = requests > before
    if (asked) triedAt = story.now
    if (asked && reachable) known = { list, at: story.now }
    if (fresh && asked) {
      const headline = words(
        "목록이 {0}ms도 안 됐는데 레지스트리에 또 물어요",
        "the list is less than {0} ms old, and the registry is asked again",
        refreshMs.toLocaleString("en"),
      )
      throw story.failure("WRONG", headline)
    }
    if (!fresh && !asked && !mayWait) {
      const headline = words(
        "목록이 {0}ms가 넘었는데 레지스트리에 묻지 않아요",
        "the list is more than {0} ms old, and the registry is not asked",
        refreshMs.toLocaleString("en"),
      )
      throw story.failure("WRONG", headline)
    }
    judgeList(story, known?.list, seen.ending)
  }
}

function judgeList(
  story: Story,
  known: readonly Instance[] | undefined,
  ending: { value?: readonly Instance[]; error?: unknown } | undefined,
): void {
  if (known === undefined) {
    if (ending?.error !== undefined) return
    throw story.failure("PHANTOM", words("아무도 말해 준 적 없는 목록을 돌려줘요", "it returns a list that nobody ever gave"))
  }
  if (ending?.value && idsOf(ending.value) === idsOf(known)) return
  const note = words("기대한 목록: {0}", "expected: {0}", idsOf(known))
  throw story.failure("WRONG", words("레지스트리가 마지막으로 준 목록이 아니에요", "it is not the list that the registry gave last"), note)
}

function idsOf(instances: readonly Instance[]): string {
  return instances.map(({ id }) => id).join(", ") || "[]"
}

/** How each kitchen behaves, and what should come of it: who cooks, and the status that the caller gets. */
interface Calls {
  readonly kitchens: readonly KitchenServer["behaviour"][]
  readonly cooked: readonly number[]
  readonly status?: number
}

test("[9] who cannot be reached is passed over, and each order is cooked once", async () => {
  const small: Calls[] = [
    { kitchens: ["cooks"], cooked: [1], status: 201 },
    { kitchens: ["cooks", "cooks"], cooked: [1], status: 201 },
    { kitchens: ["gone", "cooks"], cooked: [2], status: 201 },
    { kitchens: ["gone", "gone", "cooks"], cooked: [3], status: 201 },
    { kitchens: ["busy", "cooks"], cooked: [], status: 503 },
    { kitchens: ["cooks and breaks off", "cooks"], cooked: [1] },
    { kitchens: ["gone", "cooks and breaks off", "cooks"], cooked: [2] },
    { kitchens: ["gone"], cooked: [] },
    { kitchens: [], cooked: [] },
  ]
  await explore({ small }, checkCalls)
})

async function checkCalls({ kitchens: behaviours, cooked, status }: Calls): Promise<void> {
  const story = new Story()
  await using stack = new AsyncDisposableStack()
  const servers: KitchenServer[] = []
  // Those that are gone come last: a port that was given back could be given to another.
  for (const gone of [false, true]) {
    for (const [index, behaviour] of behaviours.entries()) {
      if ((behaviour === "gone") === gone) servers[index] = stack.use(await KitchenServer.open(story, `kitchen-${index + 1}`, behaviour))
    }
  }
  const seen = watched(story, () =>
    callAny(
      servers.map(({ id, url }) => ({ id, url })),
      (to) => {
        story.tell("{0}에게 보내요", "it is sent to {0}", to.id)
        return fetch(`${to.url}/tickets`, { method: "POST", body: "order-7" })
      },
    ),
  )
  if (!(await comes(seen.ended))) throw story.failure("STUCK", words("답이 나오지 않아요", "no answer comes out"))
  const response = seen.ending?.value
  const error = seen.ending?.error
  await response?.arrayBuffer()
  story.tell("결과: {0}", "what comes out: {0}", response ? `HTTP ${response.status}` : String(error))
  const tickets = servers.flatMap((server, index) => server.tickets.map(() => index + 1))
  if (tickets.length > 1) {
    const headline = words("주문 하나를 {0}곳에서 요리해요", "one order is cooked in {0} kitchens", tickets.length)
    throw story.failure(
      "DUPLICATED",
      headline,
      words("끊긴 연결만으로는 요청이 닿지 않았다고 할 수 없어요", "that a connection broke does not mean that the request did not arrive"),
    )
  }
  if (response?.status !== status || tickets.join() !== cooked.join()) {
    const none = words("연결 오류", "the error of the connection")
    const note = words("기대한 결과: {0}", "expected: {0}", status ? `HTTP ${status}` : none)
    throw story.failure("WRONG", words("결과가 달라요", "something else comes out"), note)
  }
  if (servers.length === 0 && !(error instanceof NoInstanceError)) {
    throw story.failure("WRONG", words("빈 목록에서는 NoInstanceError가 나와야 해요", "an empty list should give a NoInstanceError"))
  }
}
