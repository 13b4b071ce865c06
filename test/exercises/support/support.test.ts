import BetterSqlite3 from "better-sqlite3"
import { afterEach, expect, test } from "vitest"
import { Anomaly, failure } from "./anomaly.ts"
import { everyCrash, explore } from "./explore.ts"
import { say, words } from "./language.ts"
import { withEffects } from "./with-effects.ts"

const language = process.env.WAYSTATION_LANG

afterEach(() => {
  if (language === undefined) delete process.env.WAYSTATION_LANG
  else process.env.WAYSTATION_LANG = language
})

test("a Korean particle follows the sound of the word before it, in code too", () => {
  const subject = (word: string) => words("{0:이/가}", "", word).ko
  expect(["주방 A", "주문", "가게", "order-7", "order-2", "`order-7 created`"].map(subject)).toEqual([
    "주방 A가",
    "주문이",
    "가게가",
    "order-7이",
    "order-2가",
    "`order-7 created`가",
  ])
  expect(words("{0:으로/로} {1:으로/로} {2:으로/로}", "", "서울", "주방 B", "현관").ko).toBe("서울로 주방 B로 현관으로")
})

test("a sentence is said in the run's language, parts of it too", () => {
  const sentence = words("{0:은/는} {1}개", "{0} has {1}", { ko: "주방", en: "the kitchen" }, 2)
  process.env.WAYSTATION_LANG = "ko"
  expect(say(sentence)).toBe("주방은 2개")
  process.env.WAYSTATION_LANG = "fr"
  expect(say(sentence)).toBe("the kitchen has 2")
})

test("explore() fails with the first of the small schedules, and with the shortest of the random ones", async () => {
  const step = words("걸음", "step")
  const run = async (steps: number) => {
    if (steps > 2) throw failure("LOST", words("{0}", "{0}", steps), Array(steps).fill(step))
  }
  process.env.WAYSTATION_LANG = "en"
  await expect(explore({ small: [1, 4, 3] }, run)).rejects.toThrow("LOST: 4\n  1. step")
  const random = { count: 50, make: (chance: () => number) => 3 + Math.floor(chance() * 5) }
  await expect(explore({ small: [1], random }, run)).rejects.toThrow("LOST: 3\n")
  const defect = new TypeError("the learner's own")
  await expect(explore({ small: [1] }, () => Promise.reject(defect))).rejects.toBe(defect)
})

test("everyCrash() goes on until a run is through before its crash", async () => {
  const crashes: number[] = []
  await everyCrash(async (effect) => crashes.push(effect) < 4)
  expect(crashes).toEqual([1, 2, 3, 4])
  await expect(everyCrash(async () => true)).rejects.toThrow("round in circles")
})

test("an anomaly names itself first, then tells its steps", () => {
  process.env.WAYSTATION_LANG = "ko"
  const anomaly = failure("STUCK", words("멈췄어요", "stuck"), [words("하나", "one"), words("둘", "two")])
  expect(anomaly).toBeInstanceOf(Anomaly)
  expect(anomaly.message).toBe("STUCK: 멈췄어요\n  1. 하나\n  2. 둘")
})

test("what changes a database is an effect: before it and behind it, whichever way it is done; within a transaction only the commit", () => {
  let effects = 0
  const database = withEffects(new BetterSqlite3(":memory:"), () => effects++)
  const effectsOf = (change: () => unknown) => {
    effects = 0
    change()
    return effects
  }
  expect(effectsOf(() => database.exec("CREATE TABLE seen (id)"))).toBe(2)
  const insert = database.prepare("INSERT INTO seen VALUES (?)")
  expect(effectsOf(() => insert.run(1))).toBe(2)
  expect(effectsOf(() => database.prepare("SELECT * FROM seen").all())).toBe(0)
  const both = database.transaction(() => [insert.run(2), database.transaction(() => insert.run(3))()])
  expect(effectsOf(both)).toBe(2)
  expect(effectsOf(both.immediate)).toBe(2)
  expect(effectsOf(() => database.exec("BEGIN"))).toBe(0)
  expect(effectsOf(() => insert.run(4))).toBe(0)
  expect(effectsOf(() => database.prepare("COMMIT").run())).toBe(2)
  const crashing = withEffects(new BetterSqlite3(":memory:"), () => {
    throw new Error("crashes")
  })
  crashing.exec("BEGIN; CREATE TABLE seen (id); COMMIT")
  expect(crashing.transaction(() => crashing.prepare("INSERT INTO seen VALUES (1)").run())).toThrow("crashes")
  expect(crashing.prepare("SELECT count(*) AS seen FROM seen").get()).toEqual({ seen: 0 })
})
