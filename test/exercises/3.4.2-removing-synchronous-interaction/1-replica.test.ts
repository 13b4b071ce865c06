import BetterSqlite3 from "better-sqlite3"
import { test } from "vitest"
import * as work from "#work/3.4.2-removing-synchronous-interaction/1-replica.ts"
import type { Finding } from "../support/anomaly.ts"
import { seed, seeded, shuffled } from "../support/chance.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import { Story, watched } from "../support/story.ts"
import { hourMs, OrderServiceRun } from "./order-service.ts"

type Event = work.DishPriced | work.DishRemoved

const priced = (dish: string, version: number): work.DishPriced => ({ type: "DishPriced", dish, version, cents: 1_000 + 100 * version })
const removed = (dish: string, version: number): Event => ({ type: "DishRemoved", dish, version })

function said(event: Event): Words {
  const { dish, version } = event
  return event.type === "DishPriced"
    ? words("{0}(v{1}, {2}원)", "{0} (v{1}, {2})", code(dish), version, event.cents)
    : words("{0}(v{1}, 내려감)", "{0} (v{1}, off the menu)", code(dish), version)
}

/** Beside what has come `before`, the kitchen's events come in this order; in the end the menu is that of the newest of each dish. */
async function play(events: readonly Event[], crashAtEffect?: number, before: readonly work.DishPriced[] = []): Promise<boolean> {
  await using run = new OrderServiceRun({ hasOutbox: false })
  const insert = run.reader.prepare("INSERT INTO menu (dish, version, cents) VALUES (?, ?, ?)")
  for (const event of before) {
    insert.run(event.dish, event.version, event.cents)
    run.tell(words("{0:이/가} 와 있어요", "{0} has come", said(event)))
  }
  const menuEvents = run.world.broker.topic<Event>("menu-events")
  menuEvents.createSubscription("order-service")
  for (const [index, event] of events.entries()) await run.until(menuEvents.publish(event, { id: String(index) }))
  const crashed = await run.serve(
    ({ broker, database }) => {
      const menuEvents = broker.topic<Event>("menu-events")
      menuEvents.subscribe("order-service", ({ body }) =>
        body.type === "DishPriced" ? work.applyPrice(database, body) : work.applyRemoval(database, body),
      )
    },
    (id) => events[Number(id)] && said(events[Number(id)] as Event),
    crashAtEffect,
  )
  run.judge(...[...new Set(events.map(({ dish }) => dish))].map((dish) => wrongDish(run, [...before, ...events], dish)))
  return crashed
}

function wrongDish(run: OrderServiceRun, events: readonly Event[], dish: string): Finding | undefined {
  const newest = events.filter((event) => event.dish === dish).reduce((one, other) => (other.version > one.version ? other : one))
  const expected = newest.type === "DishPriced" ? newest.cents : null
  const row = run.reader.prepare<[string], { cents: number | null }>("SELECT cents FROM menu WHERE dish = ?").get(dish)
  const got = row?.cents ?? null
  if (got === expected) return undefined
  const is = got === null ? words("menu에는 없어요", "it is not in menu") : words("menu에는 {0}원이에요", "menu has {0}", got)
  const headline = words("가장 새 이벤트는 {0}인데 {1}", "the newest event is {0}, and {1}", said(newest), is)
  return { kind: expected === null ? "PHANTOM" : "LOST", headline }
}

test("[1] the newest price of each dish is kept, in whatever order the events come", async () => {
  const [first, second, third] = [priced("pizza", 1), priced("pizza", 2), priced("pizza", 3)]
  const tea = priced("tea", 1)
  const small = [[first], [second, first], [first, first], [first, third, first, second], [first, tea, second, tea]]
  await explore({ small }, async (events) => void (await play(events)))
})

test("[1] also of many that come twice and late", async () => {
  const all = ["pizza", "tea"].flatMap((dish) => [1, 2, 3, 4].map((version) => priced(dish, version)))
  await play(shuffled(seeded(seed()), [...all, ...all]))
})

test("[1] also when the order service crashes, wherever that is", async () => {
  await everyCrash((effect) => play([priced("pizza", 2)], effect, [priced("pizza", 1)]))
})

test("[2] a dish that was removed is off the menu, also when an earlier price comes late", async () => {
  const [first, off, again] = [priced("pizza", 1), removed("pizza", 2), priced("pizza", 3)]
  const [second, gone] = [priced("pizza", 2), removed("pizza", 3)]
  const small = [
    [off, first],
    [first, off],
    [first, gone, first, second],
    [again, off],
    [first, off, again],
  ]
  await explore({ small }, async (events) => void (await play(events)))
})

test("[2] also when the order service crashes, wherever that is", async () => {
  await everyCrash((effect) => play([removed("pizza", 2)], effect, [priced("pizza", 1)]))
})

const menu = { pizza: 1_590, tea: 300 }

/** Asks for the price while the kitchen is up, or down for an hour. What it does not publish, this menu cannot know. */
async function price(items: readonly string[], expected: number | undefined, isDown: boolean): Promise<void> {
  const story = new Story()
  const database = new BetterSqlite3(":memory:")
  database.exec("CREATE TABLE menu (dish TEXT PRIMARY KEY, version INTEGER NOT NULL, cents INTEGER) STRICT")
  const insert = database.prepare("INSERT INTO menu VALUES (?, ?, ?)")
  for (const [dish, cents] of Object.entries(menu)) insert.run(dish, 1, cents)
  insert.run("soup", 2, null)
  const asked: string[] = []
  const askKitchen = async (dish: string) => {
    asked.push(dish)
    story.tell("주문 서비스가 주방에 {0}의 값을 물어요", "the order service asks the kitchen for the price of {0}", code(dish))
    await story.clock.sleep(isDown ? hourMs : 20)
    return dish === "noodles" ? 900 : (menu as Record<string, number>)[dish]
  }
  story.tell("menu: pizza 1590원, tea 300원. soup은 내려갔어요", "menu: pizza for 1590, tea for 300; soup is off")
  if (isDown) story.tell("주방은 한 시간 동안 꺼져 있어요", "the kitchen is down, for an hour")
  story.tell("{0}의 값을 물어요", "priceOf() is asked for {0}", items.join(", ") || words("빈 목록", "an empty list"))
  const seen = watched(story, () => work.priceOf({ database, askKitchen }, items))
  await story.clock.settle()
  if (!seen.ending && isDown) {
    await story.clock.advance(hourMs)
    const headline = words("값을 말하려고 꺼진 주방을 기다려요", "the price waits for the kitchen, which is down")
    throw story.failure("STUCK", headline)
  }
  await story.clock.advance(1_000)
  if (seen.ending && "error" in seen.ending) {
    const { error } = seen.ending
    // A mistake in the code has its own place to show.
    if (!(error instanceof Error) || error.name !== "Error") throw error
    throw story.failure(
      "WRONG",
      words("{0:이/가} 맞는데 던졌어요: {1}", "it should be {0}, and it threw: {1}", code(String(expected)), error.message),
    )
  }
  if (asked.length > 0) throw story.failure("WRONG", words("주방을 불렀어요", "the kitchen was called"))
  if (seen.ending?.value === expected) return
  throw story.failure(
    "WRONG",
    words("{0:이/가} 맞는데 {1:을/를} 답했어요", "it should be {0}, and is {1}", code(String(expected)), code(String(seen.ending?.value))),
  )
}

const questions: [string[], number | undefined][] = [
  [["tea"], 300],
  [["pizza", "tea", "pizza"], 3_480],
  [[], 0],
  [["soup"], undefined],
  [["noodles"], undefined],
  [["pizza", "noodles"], undefined],
]

test("[3] an order has its price from the order service's own menu", async () => {
  for (const [items, expected] of questions) await price(items, expected, false)
})

test("[3] also while the kitchen is down", async () => {
  for (const [items, expected] of questions) await price(items, expected, true)
})
