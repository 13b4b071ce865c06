import { expect, test } from "vitest"
import type { ExerciseResult } from "#workbook/result.ts"
import type { Job } from "#workbook/running/runner.ts"
import { Turns } from "#workbook/running/turns.ts"

const passed: ExerciseResult = { state: "ran", tasks: [], printed: "" }

/** Runs that end when the test says so. */
function stage() {
  const code = new Map<string, string>()
  const started: string[] = []
  const results: string[] = []
  /** How many runs had begun whenever one was stopped. */
  const stops: number[] = []
  const begun: { file: string; end: (result: ExerciseResult) => void }[] = []
  let announce = () => {}
  const runner = {
    run([job]: readonly Job[]) {
      const { promise, resolve } = Promise.withResolvers<ExerciseResult[]>()
      started.push(`${job?.file}: ${code.get(job?.file ?? "")}`)
      begun.push({ file: job?.file ?? "", end: (result) => resolve([result]) })
      announce()
      return promise
    },
    async stop() {
      stops.push(begun.length)
      begun.at(-1)?.end({ state: "crashed", words: "" })
    },
  }
  const turns = new Turns({
    runner,
    language: "en",
    patienceMs: 0,
    code: (file) => code.get(file),
    onResult: (file, result) => results.push(`${file}: ${result.state}`),
  })
  /** Resolves with the run of this number, once it has begun. */
  const run = async (number: number) => {
    while (begun.length < number) await new Promise<void>((resolve) => (announce = resolve))
    return begun[number - 1] as (typeof begun)[number]
  }
  return { turns, code, started, results, stops, run }
}

test("one exercise runs after another, each once however often it is asked for", async () => {
  const { turns, started, results, run } = stage()
  const first = turns.want("a")
  ;(await run(1)).end(passed)
  await first
  const wanted = [turns.want("b"), turns.want("b"), turns.want("b")]
  ;(await run(2)).end(passed)
  await Promise.all(wanted)
  expect(started).toEqual(["a: undefined", "b: undefined"])
  expect(results).toEqual(["a: ran", "b: ran"])
})

test("an echo of the save that is running changes nothing", async () => {
  const { turns, code, started, results, run } = stage()
  code.set("a", "one")
  const wanted = turns.want("a")
  const running = await run(1)
  const echo = turns.want("a")
  running.end(passed)
  await Promise.all([wanted, echo])
  expect(started).toEqual(["a: one"])
  expect(results).toEqual(["a: ran"])
})

test("a save during its own run ends that run, and only the newest code has a result", async () => {
  const { turns, code, started, results, stops, run } = stage()
  code.set("a", "endless")
  const wanted = turns.want("a")
  await run(1)
  code.set("a", "better")
  const again = turns.want("a")
  code.set("a", "better still")
  void turns.want("a")
  code.set("a", "good")
  const last = turns.want("a")
  ;(await run(2)).end(passed)
  await Promise.all([wanted, again, last])
  await new Promise(setImmediate)
  expect(stops).toEqual([1])
  expect(started).toEqual(["a: endless", "a: good"])
  expect(results).toEqual(["a: ran"])
})

test("a run that does not end gives way to another exercise", async () => {
  const { turns, started, results, run } = stage()
  const endless = turns.want("a")
  await run(1)
  const other = turns.want("b")
  ;(await run(2)).end(passed)
  await Promise.all([endless, other])
  expect(started).toEqual(["a: undefined", "b: undefined"])
  expect(results).toEqual(["b: ran"])
})

test("stop() ends what runs and what waits without a result", async () => {
  const { turns, started, results, run } = stage()
  const running = turns.want("a")
  await run(1)
  const waiting = turns.want("b")
  await turns.stop()
  await Promise.all([running, waiting])
  expect(started).toEqual(["a: undefined"])
  expect(results).toEqual([])
})

test("a run that fails is told to its caller and to nobody after it", async () => {
  let calls = 0
  const run = async () => {
    calls++
    if (calls === 1) throw new Error("no space left")
    return [passed]
  }
  const turns = new Turns({ runner: { run, stop: async () => {} }, language: "en", code: () => "", onResult: () => {} })
  await expect(turns.want("a")).rejects.toThrow("no space left")
  await turns.want("b")
  expect(calls).toBe(2)
})
