import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest"
import type { ExerciseResult } from "#workbook/result.ts"
import { interpret } from "#workbook/running/interpret.ts"
import { Runner } from "#workbook/running/runner.ts"
import { doubling, doublingSolved, sampleWorkbook } from "./support/sample.ts"

// These start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const file = doubling.replace("exercises/", "")
/** Gives no sign of life, as any endless loop, and leaves the processor to the other tests. */
const endless = "for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)"

let sample: ReturnType<typeof sampleWorkbook>
let runner: Runner

beforeAll(() => {
  sample = sampleWorkbook()
  runner = new Runner(sample.root)
})

afterAll(async () => {
  await runner.stop()
  sample[Symbol.dispose]()
})

beforeEach(() => sample.write(doubling, doublingSolved))

async function run(code: string, language = "en", on = runner): Promise<ExerciseResult | undefined> {
  sample.write(doubling, code)
  const [result] = await on.run([{ file, work: "exercises", language }])
  return result
}

test("a solved exercise passes, and what it prints is kept without control codes", async () => {
  const result = await run(`console.log("\\u001b[2Jhi\\u0007")\n${doublingSolved}`)
  const tasks = [1, 2].map((number) => ({ number, state: "passed", failures: [] }))
  expect(result).toEqual({ state: "ran", tasks, printed: "hi\n" })
})

test("each save is read anew", async () => {
  const half = doublingSolved.replace("n * 2", "n")
  expect(await run(half)).toMatchObject({ tasks: [{ state: "failed" }, { state: "passed" }] })
  expect(await run(doublingSolved)).toMatchObject({ tasks: [{ state: "passed" }, { state: "passed" }] })
})

test("what the exercise's file or its test imports is read anew, too, and so is a file that was missing", async () => {
  const code = `import { factor } from "./factor.ts"\n${doublingSolved.replace("n * 2", "n * factor")}`
  onTestFinished(() => rmSync(join(sample.root, "exercises/1.1-numbers/factor.ts"), { force: true }))
  expect(await run(code)).toMatchObject({ state: "unloadable" })
  for (const [factor, state] of [
    ["1", "failed"],
    ["2", "passed"],
    ["3", "failed"],
  ] as const) {
    sample.write("exercises/1.1-numbers/factor.ts", `export const factor = ${factor}\n`)
    expect(await run(code)).toMatchObject({ tasks: [{ state }, { state: "passed" }] })
  }
})

test("a file that is gone for a moment, and not by the learner's code, is no failure: the run is tried again", async () => {
  const path = "test/exercises/1.1-numbers/1-doubling.test.ts"
  const gone = `import { existsSync, writeFileSync } from "node:fs"
const marker = new URL("./seen", import.meta.url)
if (!existsSync(marker)) {
  writeFileSync(marker, "")
  throw new Error("ENOENT: no such file or directory")
}
`
  sample.write(path, gone + readFileSync(join(sample.root, path), "utf8"))
  expect(await run(doublingSolved)).toMatchObject({ tasks: [{ state: "passed" }, { state: "passed" }] })
})

test("a run of some tests leaves the others waiting", async () => {
  sample.write(doubling, doublingSolved)
  const [result] = await runner.run([{ file, work: "exercises", language: "en", tests: ["[2] knows a double"] }])
  expect(result).toMatchObject({ tasks: [{ state: "waiting" }, { state: "passed" }] })
})

test("a task with Todo waits, also where another fails", async () => {
  const result = await run(`import { Todo } from "#workbook/todo.ts"
export const double = (n: number) => n
export const isDouble = () => { throw new Todo(2) }`)
  expect(result).toMatchObject({
    tasks: [
      { number: 1, state: "failed" },
      { number: 2, state: "waiting", failures: [] },
    ],
  })
})

test.each([
  ["en", "LOST: 3 came instead of 4\n  1. 2 was sent"],
  ["ko", "LOST: 4가 아니라 3\n  1. 2를 보냈다"],
])("a failure is told in the learner's words (%s), with its trace and without a stack", async (language, words) => {
  const result = await run(doublingSolved.replace("n * 2", "n + 1"), language)
  const failure = { test: "doubles", kind: "told", words, tracePath: ".traces/doubling.json" }
  expect(result).toMatchObject({ tasks: [{ number: 1, state: "failed", failures: [failure] }, {}] })
})

test("what the learner's code throws is shown with its place in the learner's file", async () => {
  const result = await run(doublingSolved.replace("n * 2", '{\n  throw new RangeError("no")\n}'))
  const failure = { kind: "thrown", words: "RangeError: no", place: { line: 2, text: 'throw new RangeError("no")' } }
  expect(result).toMatchObject({ tasks: [{ failures: [failure] }, { state: "passed" }] })
})

test("an error that nobody awaits fails the task in which it came", async () => {
  const result = await run(`${doublingSolved.replace("n % 2 === 0", "(Promise.reject(new Error('adrift')), true)")}`)
  expect(result).toMatchObject({
    tasks: [{ state: "passed" }, { state: "failed", failures: [{ words: "Error: adrift", place: { line: 2 } }] }],
  })
})

test("a syntax error is told with its line", async () => {
  const result = await run("export const fine = 1\nexport const double = (n: number) => n * * 2\n")
  const place = { line: 2, column: 42, text: "export const double = (n: number) => n * * 2" }
  expect(result).toEqual({ state: "unloadable", syntax: true, words: "Unexpected token", place })
})

test("an error outside every function is told with its line", async () => {
  const result = await run(`${doublingSolved}\nthrow new TypeError("at once")\n`)
  expect(result).toMatchObject({ state: "unloadable", syntax: false, words: "TypeError: at once", place: { line: 4 } })
})

test("an import that leads nowhere is told", async () => {
  const result = await run(`import "./nothing.ts"\n${doublingSolved}`)
  expect(result).toMatchObject({ state: "unloadable", syntax: false, words: expect.stringContaining("./nothing.ts") })
})

test("a missing file is told", async () => {
  rmSync(join(sample.root, doubling))
  const [result] = await runner.run([{ file, work: "exercises", language: "en" }])
  expect(result).toEqual({ state: "missing" })
})

test("an endless loop is stopped and named, and the next run is as any other", async () => {
  const strict = new Runner(sample.root, 3_000)
  onTestFinished(() => strict.stop())
  const result = await run(doublingSolved.replace("n % 2 === 0", `{ ${endless} }`), "en", strict)
  expect(result).toEqual({ state: "endless", seconds: 3, test: "[2] knows a double" })
  expect(await run(doublingSolved, "en", strict)).toMatchObject({ state: "ran" })
})

test("an endless loop outside every test is stopped, too", async () => {
  const strict = new Runner(sample.root, 3_000)
  onTestFinished(() => strict.stop())
  expect(await run(endless, "en", strict)).toEqual({ state: "endless", seconds: 3 })
})

test("code that kills its process gives a result, and the next run is as any other", async () => {
  const result = await run(doublingSolved.replace("n * 2", 'process.kill(process.pid, "SIGKILL") ? 4 : 4'))
  expect(result).toMatchObject({ state: "crashed" })
  expect(await run(doublingSolved)).toMatchObject({ state: "ran" })
})

test("process.exit in the learner's code ends nothing but its test", async () => {
  const result = await run(doublingSolved.replace("n * 2", "process.exit(1)"))
  expect(result).toMatchObject({ tasks: [{ state: "failed", failures: [{ kind: "thrown", place: { line: 1 } }] }, { state: "passed" }] })
})

test("one run holds the learner's code, the solution and single files, each for itself", async () => {
  sample.write("wrong.ts", doublingSolved.replace("n * 2", "n"))
  sample.write(doubling, doublingSolved.replace("n % 2 === 0", "false"))
  const works = ["exercises", "solutions", "wrong.ts", "workbook/originals"]
  const results = await runner.run(
    works.map((work) => ({ file, work, language: "en" })),
    { shuffleSeed: 7 },
  )
  const states = results.map((result) => (result.state === "ran" ? result.tasks.map((task) => task.state) : result.state))
  expect(states).toEqual([
    ["passed", "failed"],
    ["passed", "passed"],
    ["failed", "passed"],
    ["waiting", "waiting"],
  ])
})

test("a test that waits for something that never comes is late", () => {
  const timeout = { name: "Error", message: "Test timed out in 5000ms.\nIf this is a long-running test, …" }
  const result = interpret(
    { errors: [], tests: [{ title: "[1] waits", errors: [timeout], passed: false }], printed: "" },
    { path: "/x.ts", root: "/" },
  )
  expect(result).toMatchObject({ tasks: [{ number: 1, state: "failed", failures: [{ kind: "late", words: "" }] }] })
})
