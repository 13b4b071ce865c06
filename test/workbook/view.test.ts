import pico from "picocolors"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Language, languages } from "#workbook/language.ts"
import type { ExerciseResult } from "#workbook/result.ts"
import { keyOf } from "#workbook/terminal/keys.ts"
import { wordsOf } from "#workbook/words/index.ts"
import { deskOf, scriptedSample, textOf } from "./support/desk.ts"
import { doubling } from "./support/sample.ts"

let sample: ReturnType<typeof scriptedSample>

beforeEach(() => {
  sample = scriptedSample()
})

afterEach(() => sample[Symbol.dispose]())

describe("what the learner reads", () => {
  test("where they stand, what is to be done and where it is explained (en)", async () => {
    const { desk } = await deskOf(sample.root, "en")
    expect(textOf(desk)).toBe(`Waystation workbook
[#####---------------] 1 of 4 tasks, 1 of 3 exercises

1.1 Numbers, exercise 2 of 3
exercises/1.1-numbers/1-doubling.ts
  - 1. Double it
  - 2. Know a double

Task 1 is waiting. Write it where the file says Todo(1).

Read: c, "1. Double it"
  File with hints: chapters/en/1.1-numbers.md:14

3 hints: h`)
  })

  test("a failure in words, in Korean", async () => {
    sample.write(doubling, "// 1 failed, 2 passed")
    const { desk } = await deskOf(sample.root, "ko")
    expect(textOf(desk)).toBe(`Waystation 워크북
[##########----------] 과제 2/4, 연습 1/3

1.1 숫자, 연습 2/3
exercises/1.1-numbers/1-doubling.ts
  ✘ 1. 두 배
  ✔ 2. 두 배인지 알기

과제 1 실패.
  LOST: one
    1. it was sent

읽을 곳: c 키, "1. 두 배"
  힌트도 있는 파일: chapters/ko/1.1-numbers.md:14

힌트 3개: h`)
  })

  test("the result of before is dimmed while the next one is on its way", async () => {
    sample.write(doubling, "// 1 failed")
    const { desk, workbook } = await deskOf(sample.root, "en", undefined, pico.createColors(true))
    const { dim, red } = pico.createColors(true)
    expect(textOf(desk)).toContain(red("Task 1 fails."))
    sample.write(doubling, "// 1 passed")
    const ran = workbook.fileChanged(doubling)
    expect(textOf(desk)).toContain(`running …`)
    expect(textOf(desk)).toContain(`${dim("Task 1 fails.")}\n  ${dim("LOST: one")}`)
    await ran
    expect(textOf(desk)).not.toContain("Task 1 fails.")
  })

  const place = { line: 3, column: 5, text: "const = 1" }
  const results: [string, ExerciseResult, Record<Language, string[]>][] = [
    [
      "a syntax error",
      { state: "unloadable", syntax: true, words: "Unexpected token", place },
      {
        ko: ["문법 오류가 있어서 파일을 읽지 못했어요.", "1-doubling.ts:3:5 (3행)", "const = 1"],
        en: ["The file cannot be read: a syntax error.", "1-doubling.ts:3:5 (line 3)", "const = 1"],
      },
    ],
    [
      "an endless loop",
      { state: "endless", seconds: 10, test: "[2] knows a double" },
      {
        ko: ["10초가 지나도 끝나지 않아서 멈췄어요.", "실행하던 테스트: [2] knows a double", '"2. 두 배인지 알기"'],
        en: ["Stopped: no end after 10 seconds.", "It ran: [2] knows a double", '"2. Know a double"'],
      },
    ],
    ["a missing file", { state: "missing" }, { ko: ["파일이 없어요. r 키로"], en: ["The file is not there. r brings"] }],
    [
      "a dead process",
      { state: "crashed", words: "out of memory" },
      { ko: ["죽었어요", "out of memory"], en: ["has died", "out of memory"] },
    ],
    [
      "a late test, and others that fail",
      {
        state: "ran",
        printed: "",
        tasks: [
          {
            number: 1,
            state: "failed",
            failures: [
              { test: "a", kind: "late", words: "" },
              { test: "b", kind: "told", words: "" },
            ],
          },
        ],
      },
      { ko: ["제시간에 끝나지 않았어요.", "테스트 1개가 더"], en: ["did not end in time", "1 more of this task's tests fails."] },
    ],
    [
      "a thrown error and what was printed",
      {
        state: "ran",
        printed: Array.from({ length: 30 }, (_, line) => `line ${line}`).join("\n"),
        tasks: [
          {
            number: 1,
            state: "failed",
            failures: [{ test: "a", kind: "thrown", words: "RangeError: no", place, tracePath: ".traces/a.json" }],
          },
        ],
      },
      {
        ko: ["RangeError: no", "(3행)", "트레이스 파일:\n    .traces/a.json", "코드가 출력한 내용:\n  line 20\n"],
        en: ["RangeError: no", "(line 3)", "step by step:\n    .traces/a.json", "Your code printed:\n  line 20\n"],
      },
    ],
  ]
  test.each(results)("%s", async (_what, result, expected) => {
    for (const language of languages) {
      const { desk } = await deskOf(sample.root, language, result)
      for (const words of expected[language]) expect(textOf(desk)).toContain(words)
    }
  })

  test("that an exercise is done, and that everything is", async () => {
    sample.write(doubling, "// 1 passed, 2 passed")
    sample.write("exercises/1.1-numbers/2-tripling.ts", "")
    const { desk, workbook } = await deskOf(sample.root, "en")
    await workbook.goTo("1.1/doubling")
    expect(textOf(desk)).toContain("All tasks of this exercise pass. n leads on.")
    expect(textOf(desk)).toContain("Solved. Compare it with the solution? h")
    expect(textOf(desk)).not.toContain("In production")
    desk.press("h")
    expect(textOf(desk)).toContain("Compared with the solution\n  From your code to the solution:\n  +export const double")
    sample.write("exercises/1.1-numbers/2-tripling.ts", "// 3 passed")
    await workbook.fileChanged("exercises/1.1-numbers/2-tripling.ts")
    expect(textOf(desk)).toContain("Every exercise is done.")
    await workbook.goTo("1.1/tripling")
    expect(textOf(desk)).toContain('Press c to read "In production"')
    expect(textOf(desk)).toContain("[####################] 4 of 4 tasks, 3 of 3 exercises")
  })

  test("both languages say everything that the workbook says", () => {
    expect(Object.keys(wordsOf.ko).sort()).toEqual(Object.keys(wordsOf.en).sort())
    for (const [name, words] of Object.entries(wordsOf.ko)) {
      const english = wordsOf.en[name as keyof typeof wordsOf.en]
      expect(typeof words).toBe(typeof english)
      if (Array.isArray(words)) expect(words.length, name).toBe(english.length)
    }
  })
})

describe("keys", () => {
  test("the list leads to another exercise", async () => {
    const { desk } = await deskOf(sample.root, "en")
    desk.press("l")
    expect(textOf(desk)).toContain("> - 1.1/doubling 0/2\n      Double it, Know a double")
    desk.press("up")
    desk.press("up")
    expect(textOf(desk)).toContain("> ✔ 0/one 1/1")
    desk.press("return")
    expect(textOf(desk)).toContain("0 Set-up, exercise 1 of 3")
  })

  test("the chapter without its hints, at the current task; the help, and back", async () => {
    const { desk, workbook } = await deskOf(sample.root, "ko")
    desk.press("c")
    const parts = ["1.1 숫자\nchapters/ko/1.1-numbers.md", "## 1. 두 배", "2 → 4", "## 2. 두 배인지 알기", "2 → 4", "## 3. 세 배", "2 → 4"]
    expect(textOf(desk)).toBe(parts.join("\n\n"))
    expect(desk.view().focus.from).toBe(0)
    sample.write(doubling, "// 1 passed")
    await workbook.fileChanged(doubling)
    expect(desk.view().lines[desk.view().focus.from]).toBe("## 2. 두 배인지 알기")
    desk.press("?")
    expect(textOf(desk)).toContain("h   힌트를 하나씩")
    desk.press("escape")
    expect(textOf(desk)).toContain("과제 2 대기 중")
  })

  test("reset asks first", async () => {
    sample.write(doubling, "// 1 passed")
    const { desk, workbook } = await deskOf(sample.root, "en")
    desk.press("r")
    expect(textOf(desk)).toBe("Bring back the original of exercises/1.1-numbers/1-doubling.ts? Your file is kept in exercises/.kept.")
    desk.press("x")
    expect(textOf(desk)).toContain("✔ 1. Double it")
    desk.press("r")
    const restored = new Promise<void>((resolve) => {
      workbook.on("change", () => workbook.state().notice?.kind === "restored" && !workbook.state().current.running && resolve())
    })
    desk.press("y")
    await restored
    expect(textOf(desk)).toContain("- 1. Double it")
    expect(textOf(desk)).toContain("The original is back. Your file is kept: exercises/.kept/")
  })

  test.each([
    ["q", {}, "q"],
    ["ㅂ", {}, "q"],
    ["ㅗ", {}, "h"],
    ["\u0003", { name: "c", ctrl: true }, "q"],
    ["?", {}, "?"],
    ["\r", { name: "return" }, "return"],
    ["\n", { name: "enter" }, "return"],
    [undefined, { name: "up" }, "up"],
  ])("%j with %j is the key %s", (character, key, expected) => {
    expect(keyOf(character, key)).toBe(expected)
  })
})

test("the page's address, a port that others hold, and why there is no page", async () => {
  const { desk } = await deskOf(sample.root, "en")
  desk.showPage({ address: "http://127.0.0.1:4331/#token=x", busyPorts: [4330] })
  expect(textOf(desk)).toContain(
    "On a page: http://127.0.0.1:4331/#token=x\nPort 4330 is in use by another program; this is the next free one.\n",
  )
  desk.showPage({ refusal: "no socket" })
  expect(textOf(desk)).toContain("There is no page: no socket\n")
})

test("the page can change the terminal's language", async () => {
  const { desk, workbook } = await deskOf(sample.root, "en")
  await workbook.speak("ko")
  expect(textOf(desk)).toContain("과제 1 대기 중.")
})
