import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { PageState } from "#workbook/page/page-state.ts"
import { doubling } from "../workbook/support/sample.ts"
import { type SamplePage, samplePage } from "./support/page.ts"

let page: SamplePage

beforeEach(async () => {
  page = samplePage()
  await page.workbook.start()
})

afterEach(() => page[Symbol.dispose]())

const exercise = "1.1/doubling"
const answered = async (method: string, path: string, body: unknown = {}) => {
  const response = await page.send(method, path, body)
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) }
}
const file = async () => (await (await page.send("GET", `/api/file?exercise=${exercise}`, {})).json()) as { version: string }
const onDisk = () => readFileSync(join(page.root, doubling), "utf8")

describe("the editor", () => {
  test("saves the learner's own file, and what it saves is run", async () => {
    const { version } = await file()
    const saved = await answered("PUT", "/api/file", { exercise, text: "// 1 passed", over: version, keepOld: false })
    expect(saved).toMatchObject({ status: 200, text: "// 1 passed" })
    expect(onDisk()).toBe("// 1 passed")
    await page.workbook.fileChanged(doubling)
    expect(page.workbook.state().current.task?.number).toBe(2)
  })

  test("never writes over a newer file, and hands it back", async () => {
    const { version } = await file()
    page.write(doubling, "// saved by another editor")
    const refused = await answered("PUT", "/api/file", { exercise, text: "// mine", over: version, keepOld: false })
    expect(refused).toMatchObject({ status: 409, text: "// saved by another editor" })
    expect(onDisk()).toBe("// saved by another editor")
  })

  test("takes the same text twice for one save", async () => {
    const { version } = await file()
    for (let count = 0; count < 2; count++) {
      expect(await answered("PUT", "/api/file", { exercise, text: "// mine", over: version, keepOld: false })).toMatchObject({
        status: 200,
      })
    }
  })

  test("keeps the newer file when the learner decides for theirs, and theirs when they decide for the newer", async () => {
    page.write(doubling, "// newer")
    const { version } = await file()
    await answered("PUT", "/api/file", { exercise, text: "// mine", over: version, keepOld: true })
    await answered("POST", "/api/versions", { exercise, text: "// another of mine" })
    const texts = ((await (await page.send("GET", `/api/versions?exercise=${exercise}`, {})).json()) as { text: string }[]).map(
      ({ text }) => text,
    )
    expect(texts.sort()).toEqual(["// another of mine", "// newer"])
  })

  test("makes a file that was removed again", async () => {
    page.write(doubling, "")
    const { version } = await file()
    expect(await answered("PUT", "/api/file", { exercise, text: "// 1 passed", over: version, keepOld: false })).toMatchObject({
      status: 200,
    })
  })

  test("leaves no draft behind", async () => {
    const { version } = await file()
    await answered("PUT", "/api/file", { exercise, text: "x", over: version, keepOld: true })
    expect(readdirSync(join(page.root, "exercises/1.1-numbers")).sort()).toEqual(["1-doubling.ts", "2-tripling.ts"])
  })
})

describe("earlier versions", () => {
  test("come from a reset, and come back, the present one being kept", async () => {
    page.write(doubling, "// mine, 1 passed")
    await answered("POST", "/api/reset", { exercise })
    expect(onDisk()).toContain("Todo")
    const [kept] = (await (await page.send("GET", `/api/versions?exercise=${exercise}`, {})).json()) as { name: string; text: string }[]
    expect(kept?.text).toBe("// mine, 1 passed")
    expect(await answered("POST", "/api/versions/bring-back", { exercise, name: kept?.name })).toMatchObject({
      status: 200,
      text: "// mine, 1 passed",
    })
    expect(onDisk()).toBe("// mine, 1 passed")
    const after = (await (await page.send("GET", `/api/versions?exercise=${exercise}`, {})).json()) as { text: string }[]
    expect(after.map(({ text }) => text).some((text) => text.includes("Todo"))).toBe(true)
  })

  test("are those of this exercise alone", async () => {
    await answered("POST", "/api/versions", { exercise: "1.1/tripling", text: "// other" })
    expect(await (await page.send("GET", `/api/versions?exercise=${exercise}`, {})).json()).toEqual([])
  })

  test("a reset asked for before somebody moved on does nothing", async () => {
    await page.workbook.goTo("1.1/tripling")
    expect((await answered("POST", "/api/reset", { exercise })).status).toBe(400)
    expect(existsSync(join(page.root, "exercises/.kept"))).toBe(false)
  })
})

describe("hints", () => {
  test("come one after another, and the solution only when asked for twice", async () => {
    const shown = () => page.workbook.state().current.hints.map((hint) => hint.kind)
    await answered("POST", "/api/hint", { again: false })
    await answered("POST", "/api/hint", { again: false })
    expect(shown()).toEqual(["text", "text"])
    expect(await answered("POST", "/api/hint", { again: false })).toMatchObject({ askAgain: true })
    expect(shown()).toEqual(["text", "text"])
    await answered("POST", "/api/hint", { again: true })
    expect(shown()).toEqual(["text", "text", "difference"])
  })

  test("the difference is given at once when nothing is left to give away", async () => {
    page.write(doubling, "// 1 passed, 2 passed")
    await page.workbook.fileChanged(doubling)
    await answered("POST", "/api/hint", { again: false })
    expect(page.workbook.state().current.hints).toMatchObject([{ kind: "difference" }])
  })
})

test("a prediction is kept by section, also across a start", async () => {
  await answered("POST", "/api/prediction", { section: "1.1", text: "4 <b>" })
  await answered("POST", "/api/prediction", { section: "0", text: "1" })
  expect(await answered("GET", "/api/state")).toMatchObject({ predictions: { "0": "1", "1.1": "4 <b>" } })
})

test("a broken file of predictions reads as none", async () => {
  page.write("exercises/.kept/predictions.json", "{")
  expect(await answered("GET", "/api/state")).toMatchObject({ predictions: {} })
})

describe("a trace", () => {
  const trace = (about: object) =>
    `${JSON.stringify({ format: "waystation-trace", version: 1, ...about })}\n{"at":0,"process":"A","event":"crashed"}\n`
  const failing = async (tracePath: string) => {
    const failures = [{ test: "does it", kind: "told" as const, words: "LOST: one", tracePath }]
    const state = page.workbook.state()
    const result = { state: "ran" as const, printed: "", tasks: [{ number: 1, state: "failed" as const, failures }] }
    page.workbook.state = () => ({ ...state, current: { ...state.current, result } })
    return (await (await page.send("GET", "/api/traces", {})).json()) as unknown[]
  }

  test("of a failed task is given", async () => {
    page.write(".traces/a.jsonl", trace({ anomaly: "LOST" }))
    expect(await failing(".traces/a.jsonl")).toEqual([
      {
        task: 1,
        test: "does it",
        about: expect.objectContaining({ anomaly: "LOST" }),
        entries: [{ at: 0, process: "A", event: "crashed" }],
      },
    ])
  })

  test.each([
    "package.json",
    "../a.jsonl",
    ".traces/../secret.jsonl",
    "/etc/passwd",
    ".traces/broken.jsonl",
    ".traces/other.jsonl",
    ".traces/none.jsonl",
  ])("is nothing else: %s", async (path) => {
    page.write("secret.jsonl", trace({}))
    page.write(".traces/broken.jsonl", "{")
    page.write(".traces/other.jsonl", '{"format":"other"}\n')
    expect(await failing(path)).toEqual([])
  })
})

test("the live stream tells the state at once, and again when it has changed", async () => {
  const response = await page.send("GET", "/api/events", {})
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const next = async () => JSON.parse(new TextDecoder().decode((await reader.read()).value).replace(/^data: /, "")) as PageState
  const first = await next()
  expect(first).toMatchObject({ language: "en", current: { exercise: { id: exercise } }, hintsMax: 3 })
  page.write(doubling, "// 1 passed")
  await page.workbook.fileChanged(doubling)
  let state = await next()
  while (state.current.running) state = await next()
  expect(state.current.task?.number).toBe(2)
  expect(state.fileVersion).not.toBe(first.fileVersion)
  await reader.cancel()
})
