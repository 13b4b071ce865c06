import BetterSqlite3 from "better-sqlite3"
import { test } from "vitest"
import * as work from "#work/3.3.4-message-brokers/2-log.ts"
import { type AnomalyKind, failure } from "../support/anomaly.ts"
import { pick, seed, seeded } from "../support/chance.ts"
import { explore } from "../support/explore.ts"
import { code, type Words, words } from "../support/language.ts"
import { shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { logChecks } from "./conformance-log.ts"
import { eventNames } from "./log-run.ts"
import { logTables, miniatureLog } from "./miniature-log.ts"

/** The learner's functions on a database in memory, and what was done with them. */
class LogStory {
  readonly database = new BetterSqlite3(":memory:")
  readonly entries: work.Entry[] = []
  readonly #steps: Words[] = []
  #last = -1

  constructor() {
    this.database.exec(logTables)
  }

  tell(ko: string, en: string, ...parts: (string | number)[]): void {
    this.#steps.push(words(ko, en, ...parts))
  }

  append(): void {
    const body = eventNames[this.entries.length % eventNames.length] ?? ""
    const offset: unknown = work.append(this.database, body)
    this.tell("{0:을/를} 덧붙여요. 오프셋은 {1}", "{0} is appended: offset {1}", code(body), code(String(offset)))
    if (!Number.isInteger(offset))
      throw this.wrong("오프셋은 정수인데 {0:이/가} 왔어요", "an offset is an integer, and {0} came", String(offset))
    if ((offset as number) <= this.#last)
      throw this.wrong("앞서 덧붙인 것보다 오프셋이 크지 않아요", "the offset is not greater than that of the entry before")
    this.#last = offset as number
    this.entries.push({ offset: this.#last, body })
  }

  /** Drops the older half, as a retention time does. */
  dropsOlder(count: number): void {
    for (const { offset, body } of this.entries.splice(0, count)) {
      this.database.prepare("DELETE FROM log WHERE offset = ?").run(offset)
      this.tell("보존 기간이 지난 {0:을/를} 지워요", "{0} is too old and is removed", code(body))
    }
  }

  reads(from: number, max: number): void {
    const got = work.read(this.database, from, max)
    const shown = got.map((entry) => `${entry.body} (${entry.offset})`).join(", ") || "–"
    this.tell("오프셋 {0}부터 많아야 {1}개를 읽어요: {2}", "read from offset {0}, at most {1}: {2}", from, max, shown)
    const expected = this.entries.filter((entry) => entry.offset >= from).slice(0, max)
    const missing = expected.find((entry) => !got.some((one) => one.offset === entry.offset && one.body === entry.body))
    const extra = got.find((entry) => !expected.some((one) => one.offset === entry.offset && one.body === entry.body))
    if (extra && extra.offset < from) {
      throw this.failure(
        "DUPLICATED",
        "{0:은/는} 오프셋 {1}보다 앞인데 또 읽혀요",
        "{0} lies before offset {1}, and is read again",
        code(extra.body),
        from,
      )
    }
    if (got.length > max) throw this.wrong("{0}개까지인데 {1}개가 왔어요", "at most {0}, and {1} came", max, got.length)
    if (missing)
      throw this.failure("LOST", "{0:이/가} 로그에 있는데 읽히지 않아요", "{0} is in the log, and is not read", code(missing.body))
    if (extra) throw this.failure("PHANTOM", "{0:은/는} 로그에 없는데 읽혀요", "{0} is not in the log, and is read", code(extra.body))
    const late = got.find((entry, index) => entry.offset !== expected[index]?.offset)
    if (late) throw this.failure("REORDERED", "{0:이/가} 제자리에 있지 않아요", "{0} is not in its place", code(late.body))
  }

  commits(group: string, offset: number): void {
    work.commit(this.database, group, offset)
    this.tell("{0} 그룹이 {1:을/를} 커밋해요", "{0} commits {1}", code(group), offset)
  }

  goesOn(group: string, expected: number): void {
    const got = work.committed(this.database, group)
    this.tell("{0} 그룹은 {1}부터 이어 읽어요", "{0} goes on at {1}", code(group), String(got))
    if (got === expected) return
    const kind = got > expected ? "LOST" : "DUPLICATED"
    throw this.failure(
      kind,
      "{0} 그룹은 {1}부터 읽어야 하는데 {2}부터 읽어요",
      "{0} should go on at {1}, and does at {2}",
      code(group),
      expected,
      String(got),
    )
  }

  failure(kind: AnomalyKind, ko: string, en: string, ...parts: (string | number)[]): Error {
    return failure(kind, words(ko, en, ...parts), this.#steps)
  }

  wrong(ko: string, en: string, ...parts: (string | number)[]): Error {
    return new Wrong(words(ko, en, ...parts), this.#steps)
  }
}

function appended(count: number): LogStory {
  const story = new LogStory()
  for (let left = count; left > 0; left--) story.append()
  return story
}

test("[4] what was appended is read, from any offset on", () => {
  for (const count of [0, 1, 3]) {
    const story = appended(count)
    for (const from of [0, ...story.entries.map((entry) => entry.offset), (story.entries.at(-1)?.offset ?? 0) + 1]) story.reads(from, 10)
  }
})

test("[4] no more than asked for", () => {
  for (const max of [1, 2, 3]) appended(3).reads(0, max)
})

test("[4] reading takes nothing out", () => {
  const story = appended(2)
  story.reads(0, 1)
  story.reads(0, 10)
})

test("[4] an offset stays the same when older entries are gone", () => {
  const story = appended(3)
  story.dropsOlder(1)
  story.reads(story.entries[1]?.offset ?? 0, 10)
  story.reads(0, 10)
  story.dropsOlder(2)
  story.append()
  story.reads(0, 10)
})

test("[5] a group that never committed begins at 0", () => {
  appended(2).goesOn("accounting", 0)
})

/** Who commits what, one after the other. */
type Commits = readonly (readonly [string, number])[]

async function committing(small: readonly Commits[], count = 0): Promise<void> {
  const random = (chance: () => number): Commits =>
    Array.from({ length: 6 }, () => [pick(chance, ["accounting", "delivery"]), pick(chance, [1, 2, 3, 4])] as const)
  const more = Array.from({ length: count }, (_, index) => random(seeded(seed() * 100 + index)))
  await explore({ small: [...small, ...more] }, async (commits) => {
    const story = appended(4)
    const expected = new Map<string, number>([["accounting", 0]])
    for (const [group, offset] of commits) {
      story.commits(group, offset)
      expected.set(group, offset)
      for (const [name, next] of expected) story.goesOn(name, next)
    }
  })
}

test("[5] it goes on where it committed", () =>
  committing([
    [["accounting", 2]],
    [
      ["accounting", 2],
      ["accounting", 3],
    ],
  ]))

test("[5] also if that is further back", () =>
  committing([
    [
      ["accounting", 3],
      ["accounting", 1],
    ],
  ]))

test("[5] each group for itself", () =>
  committing(
    [
      [["delivery", 3]],
      [
        ["accounting", 2],
        ["delivery", 4],
      ],
    ],
    10,
  ))

for (const { task, title, check } of logChecks) {
  test(`[${task}] ${title}`, () => check(miniatureLog(work)))
}

test("[6] it says whether there was an entry", async () => {
  const { database } = new LogStory()
  const next = () => work.consumeNext(database, "accounting", async () => {})
  const none: unknown = await next()
  if (none !== false) throw new Wrong(words("로그가 비었는데 답이 {0:이에요/예요}", "the log is empty, and the answer is {0}", shown(none)))
  work.append(database, "created")
  const one: unknown = await next()
  if (one !== true)
    throw new Wrong(words("항목을 하나 처리했는데 답이 {0:이에요/예요}", "an entry was handled, and the answer is {0}", shown(one)))
})
