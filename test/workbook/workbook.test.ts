import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Language } from "#workbook/language.ts"
import { Workbook } from "#workbook/workbook.ts"
import { doubling, sampleWorkbook, tripling } from "./support/sample.ts"
import { scriptedRunner } from "./support/scripted-runner.ts"

const numbers = { "0-set-up/1-one.ts": [1], "1.1-numbers/1-doubling.ts": [1, 2], "1.1-numbers/2-tripling.ts": [3] }
const now = () => new Date("2030-01-02T03:04:05.678Z")

let sample: ReturnType<typeof sampleWorkbook>
let runner: ReturnType<typeof scriptedRunner>

beforeEach(() => {
  sample = sampleWorkbook()
  sample.write("exercises/0-set-up/1-one.ts", "// 1 passed")
  runner = scriptedRunner(sample.root, numbers)
})

afterEach(() => sample[Symbol.dispose]())

function open(language: Language = "en"): Workbook {
  return new Workbook({ root: sample.root, language, runner, now })
}

async function started(): Promise<Workbook> {
  const workbook = open()
  await workbook.start()
  return workbook
}

async function save(workbook: Workbook, path: string, text: string): Promise<void> {
  sample.write(path, text)
  await workbook.fileChanged(path)
}

function standing(workbook: Workbook): string {
  const { current } = workbook.state()
  return `${current.exercise.id} ${current.task?.number ?? "done"}`
}

const progressFile = () => JSON.parse(readFileSync(join(sample.root, "exercises/.progress.json"), "utf8"))

test("it begins at the first exercise that does not pass, and notes those before it", async () => {
  sample.write("exercises/.progress.json", JSON.stringify({ version: 1, done: { "1.1/tripling": [] } }))
  const workbook = await started()
  expect(standing(workbook)).toBe("1.1/doubling 1")
  expect(workbook.state()).toMatchObject({ tasks: { done: 1, all: 4 }, exercises: { done: 1, all: 3 } })
  expect(progressFile()).toEqual({ version: 1, done: { "0/one": [1], "1.1/tripling": [] } })
  expect(runner.files).toEqual(["0-set-up/1-one.ts", "1.1-numbers/1-doubling.ts"])
})

test("the very first time it stands at the first exercise, although that passes, and says how to go on", async () => {
  rmSync(join(sample.root, "exercises/.progress.json"))
  const workbook = await started()
  expect(standing(workbook)).toBe("0/one done")
  expect(workbook.state().notice).toEqual({ kind: "welcome" })
  await workbook.next()
  expect(standing(workbook)).toBe("1.1/doubling 1")
  expect(standing(await started())).toBe("1.1/doubling 1")
})

test("the very first time a first exercise that fails is shown as it is", async () => {
  rmSync(join(sample.root, "exercises/.progress.json"))
  sample.write("exercises/0-set-up/1-one.ts", "// 1 failed")
  const workbook = await started()
  expect(standing(workbook)).toBe("0/one 1")
  expect(workbook.state().notice).toBeUndefined()
})

test("a learner who goes elsewhere during the start stays there", async () => {
  const workbook = open()
  const start = workbook.start()
  await Promise.all([start, workbook.goTo("1.1/tripling")])
  expect(standing(workbook)).toBe("1.1/tripling 3")
})

test("what was done before is not run again at the start", async () => {
  sample.write("exercises/.progress.json", JSON.stringify({ version: 1, done: { "0/one": [1], "1.1/doubling": [1, 2] } }))
  const workbook = await started()
  expect(standing(workbook)).toBe("1.1/tripling 3")
  expect(runner.files).toEqual(["1.1-numbers/2-tripling.ts"])
  expect(workbook.state()).toMatchObject({ tasks: { done: 3, all: 4 }, exercises: { done: 2, all: 3 } })
})

test("the current task is the first that has not passed, with its place in the chapter of the language", async () => {
  const workbook = open("ko")
  await workbook.start()
  await save(workbook, doubling, "// 1 passed")
  const { chapter, task } = workbook.state().current
  expect(task).toEqual({ number: 2, title: "두 배인지 알기" })
  expect(chapter).toMatchObject({ path: "chapters/ko/1.1-numbers.md", heading: "2. 두 배인지 알기", text: "2 → 4" })
  const lines = readFileSync(join(sample.root, chapter.path), "utf8").split("\n")
  expect(lines[chapter.line - 1]).toBe("## 2. 두 배인지 알기")
})

test("next and previous move by one and stop at the ends; passing all tasks moves nothing", async () => {
  const workbook = await started()
  await save(workbook, doubling, "// 1 passed, 2 passed")
  expect(standing(workbook)).toBe("1.1/doubling done")
  await workbook.next()
  expect(standing(workbook)).toBe("1.1/tripling 3")
  await workbook.next()
  expect(standing(workbook)).toBe("1.1/tripling 3")
  expect(workbook.state().notice).toEqual({ kind: "last" })
  await workbook.goTo("0/one")
  await workbook.previous()
  expect(workbook.state().notice).toEqual({ kind: "first" })
  expect(standing(workbook)).toBe("0/one done")
})

test("another exercise that is saved runs, and the learner stays where they are", async () => {
  const workbook = await started()
  await save(workbook, tripling, "// 3 passed")
  expect(standing(workbook)).toBe("1.1/doubling 1")
  expect(workbook.state().notice).toEqual({ kind: "other-ran", exercise: "1.1/tripling", done: 1, all: 1 })
  expect(workbook.state().exercises).toEqual({ done: 2, all: 3 })
})

test("a file beside the current exercise runs it; other files run nothing", async () => {
  const workbook = await started()
  runner.files.length = 0
  await save(workbook, "exercises/1.1-numbers/helper.ts", "export {}")
  expect(runner.files).toEqual(["1.1-numbers/1-doubling.ts"])
  await save(workbook, "exercises/0-set-up/helper.ts", "export {}")
  await save(workbook, "exercises/notes.md", "")
  expect(runner.files).toEqual(["1.1-numbers/1-doubling.ts"])
})

test("hints come one by one, belong to their task, and end with the difference to the solution", async () => {
  const workbook = await started()
  const hints = () => workbook.state().current.hints.map((hint) => (hint.kind === "text" ? hint.text : hint.lines.slice(-2)))
  expect(hints()).toEqual([])
  workbook.hint()
  expect(hints()).toEqual(["Multiply."])
  workbook.hint()
  workbook.hint()
  const solution = ["-}", "+export const double = (n: number): number => n * 2"]
  expect(hints()).toEqual(["Multiply.", "`n * 2`", solution])
  workbook.hint()
  expect(workbook.state().notice).toEqual({ kind: "no-more-hints" })
  await save(workbook, doubling, "// 1 passed")
  expect(hints()).toEqual([])
})

test("an exercise that is done has one hint: the difference to the solution", async () => {
  const workbook = await started()
  await save(workbook, doubling, "// 1 passed, 2 passed\nexport const double = (n: number): number => n + n\n")
  expect(workbook.state().current.hints).toEqual([])
  workbook.hint()
  const lines = [
    "-export const double = (n: number): number => n + n",
    "+export const double = (n: number): number => n * 2",
    "+export const isDouble = (n: number): boolean => n % 2 === 0",
  ]
  expect(workbook.state().current.hints).toMatchObject([{ kind: "difference", lines }])
  workbook.hint()
  expect(workbook.state().notice).toEqual({ kind: "no-more-hints" })
})

test("what passed once stays done when it breaks later, and the current result is shown as it is", async () => {
  const workbook = await started()
  await save(workbook, doubling, "// 1 passed, 2 passed")
  await save(workbook, doubling, "// 1 failed, 2 passed")
  expect(standing(workbook)).toBe("1.1/doubling 1")
  expect(workbook.state().tasks.done).toBe(2)
  expect(progressFile().done["1.1/doubling"]).toEqual([1, 2])
})

test("reset keeps the learner's file, restores the original and forgets what was done in it", async () => {
  const original = readFileSync(join(sample.root, doubling), "utf8")
  const workbook = await started()
  await save(workbook, doubling, "// 1 passed")
  workbook.hint()
  await workbook.reset()
  const kept = "exercises/.kept/2030-01-02T03-04-05-1.1-numbers-1-doubling.ts"
  expect(workbook.state().notice).toEqual({ kind: "restored", path: kept })
  expect(readFileSync(join(sample.root, kept), "utf8")).toBe("// 1 passed")
  expect(readFileSync(join(sample.root, doubling), "utf8")).toBe(original)
  expect(standing(workbook)).toBe("1.1/doubling 1")
  expect(workbook.state().current.hints).toEqual([])
  expect(progressFile().done).toEqual({ "0/one": [1] })
})

test("an echo of the restored file leaves what was said about it, a new save does not", async () => {
  const workbook = await started()
  await workbook.reset()
  await workbook.fileChanged(doubling)
  expect(workbook.state().notice?.kind).toBe("restored")
  await save(workbook, doubling, "// 1 passed")
  expect(workbook.state().notice).toBeUndefined()
})

test("two resets within a second keep both files", async () => {
  const workbook = await started()
  for (const text of ["// one", "// two"]) {
    await save(workbook, doubling, text)
    await workbook.reset()
  }
  const kept = readdirSync(join(sample.root, "exercises/.kept")).sort()
  expect(kept.map((name) => readFileSync(join(sample.root, "exercises/.kept", name), "utf8")).sort()).toEqual(["// one", "// two"])
})

test("a removed file, and a removed directory, are told and come back", async () => {
  const workbook = await started()
  rmSync(join(sample.root, "exercises"), { recursive: true })
  await workbook.fileChanged(doubling)
  expect(workbook.state().current.result).toEqual({ state: "missing" })
  await workbook.reset()
  expect(workbook.state().notice).toEqual({ kind: "restored" })
  expect(workbook.state().current.result).toMatchObject({ state: "ran" })
})

test("what cannot be done is told, and the learner's file is as it was", async () => {
  const workbook = await started()
  rmSync(join(sample.root, doubling))
  sample.write(`${doubling}/inside.ts`, "// mine")
  await workbook.reset()
  expect(workbook.state().notice).toMatchObject({ kind: "error" })
  expect(existsSync(join(sample.root, doubling, "inside.ts"))).toBe(true)
})

test.each([
  ["broken", "{"],
  ["of another version", '{"version":2,"done":{}}'],
  ["foreign", '{"version":1,"done":{"0/one":"yes"}}'],
  ["a list", "[]"],
  ["empty", ""],
])("a progress file that is %s is set aside, not lost", async (_what, text) => {
  sample.write("exercises/.progress.json", text)
  const workbook = open()
  const { notice } = workbook.state()
  expect(notice?.kind).toBe("progress-set-aside")
  const path = notice?.kind === "progress-set-aside" ? notice.path : ""
  expect(readFileSync(join(sample.root, path), "utf8")).toBe(text)
  await workbook.start()
  expect(progressFile()).toEqual({ version: 1, done: { "0/one": [1] } })
  expect(readdirSync(join(sample.root, "exercises/.kept"))).toHaveLength(1)
})

test("two workbooks on one directory keep what the other has noted", async () => {
  const one = await started()
  const other = await started()
  await save(one, doubling, "// 1 passed, 2 passed")
  await save(other, tripling, "// 3 passed")
  expect(progressFile().done).toEqual({ "0/one": [1], "1.1/doubling": [1, 2], "1.1/tripling": [3] })
})

test("progress that cannot be written is told, and the result is shown all the same", async () => {
  const workbook = await started()
  rmSync(join(sample.root, "exercises/.progress.json"))
  sample.write("exercises/.progress.json/in-the-way", "")
  await save(workbook, doubling, "// 1 passed")
  expect(workbook.state().notice).toMatchObject({ kind: "error" })
  expect(standing(workbook)).toBe("1.1/doubling 2")
})

test("the state is plain JSON", async () => {
  const workbook = await started()
  await save(workbook, doubling, "// 1 failed")
  for (const _hint of [1, 2, 3]) workbook.hint()
  const state = workbook.state()
  expect(JSON.parse(JSON.stringify(state))).toEqual(state)
})

test("a chapter of the wrong form is named", () => {
  sample.write("chapters/en/1.1-numbers.md", "no front matter")
  expect(() => open()).toThrow(/1\.1-numbers\.md: A chapter begins with front matter/)
})

test("it goes on in the other language where it stands, and runs the current exercise again for its words", async () => {
  const workbook = await started()
  runner.files.length = 0
  await Promise.all([workbook.speak("ko"), workbook.speak("ko")])
  expect(workbook.state()).toMatchObject({ language: "ko", current: { section: { title: "숫자" }, task: { number: 1, title: "두 배" } } })
  expect(standing(workbook)).toBe("1.1/doubling 1")
  expect(runner.files).toEqual(["1.1-numbers/1-doubling.ts"])
})
