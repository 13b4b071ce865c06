import { PassThrough } from "node:stream"
import { stripVTControlCharacters } from "node:util"
import pico from "picocolors"
import stringWidth from "string-width"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Language, languages } from "#workbook/language.ts"
import type { ExerciseResult } from "#workbook/result.ts"
import { Desk } from "#workbook/terminal/desk.ts"
import { keyOf } from "#workbook/terminal/keys.ts"
import { showAsLines } from "#workbook/terminal/plain.ts"
import { showOnScreen } from "#workbook/terminal/screen.ts"
import { progressBar, wrap } from "#workbook/terminal/text.ts"
import { wordsOf } from "#workbook/words/index.ts"
import { Workbook } from "#workbook/workbook.ts"
import { doubling, sampleWorkbook } from "./support/sample.ts"
import { scriptedRunner } from "./support/scripted-runner.ts"
import { fakeTerminal } from "./support/terminal.ts"

const numbers = { "0-set-up/1-one.ts": [1], "1.1-numbers/1-doubling.ts": [1, 2], "1.1-numbers/2-tripling.ts": [3] }

let sample: ReturnType<typeof sampleWorkbook>

beforeEach(() => {
  sample = sampleWorkbook()
  sample.write("exercises/0-set-up/1-one.ts", "// 1 passed")
})

afterEach(() => sample[Symbol.dispose]())

async function deskOf(language: Language, result?: ExerciseResult): Promise<{ desk: Desk; workbook: Workbook }> {
  const scripted = scriptedRunner(sample.root, numbers)
  const run: typeof scripted.run = async (jobs) => {
    return result && jobs[0]?.file.startsWith("1.1-numbers/1") ? [result] : await scripted.run(jobs)
  }
  const workbook = new Workbook({ root: sample.root, language, runner: { ...scripted, run } })
  const desk = new Desk(workbook, { words: wordsOf[language], colors: pico.createColors(false) })
  await workbook.start()
  return { desk, workbook }
}

const text = (desk: Desk) => desk.view().lines.join("\n")

describe("what the learner reads", () => {
  test("where they stand, what is to be done and where it is explained (en)", async () => {
    const { desk } = await deskOf("en")
    expect(text(desk)).toBe(`Waystation workbook
[#####---------------] 1 of 4 tasks, 1 of 3 exercises

1.1 Numbers, exercise 2 of 3
exercises/1.1-numbers/1-doubling.ts
  - 1. Double it
  - 2. Know a double

Task 1 is waiting. Write it where the file says Todo(1).

Read: chapters/en/1.1-numbers.md:14  "1. Double it"
3 hints: h`)
  })

  test("a failure in words, in Korean", async () => {
    sample.write(doubling, "// 1 failed, 2 passed")
    const { desk } = await deskOf("ko")
    expect(text(desk)).toBe(`Waystation 워크북
[##########----------] 과제 2/4, 연습 1/3

1.1 숫자, 연습 2/3
exercises/1.1-numbers/1-doubling.ts
  ✘ 1. 두 배
  ✔ 2. 두 배인지 알기

과제 1 실패.
  LOST: one
    1. it was sent

읽을 곳: chapters/ko/1.1-numbers.md:14  "1. 두 배"
힌트 3개: h`)
  })

  const place = { line: 3, column: 5, text: "const = 1" }
  const results: [string, ExerciseResult, Record<Language, string[]>][] = [
    [
      "a syntax error",
      { state: "unloadable", syntax: true, words: "Unexpected token", place },
      {
        ko: ["문법 오류가 있어 파일을 읽지 못했습니다.", "1-doubling.ts:3:5 (3행)", "const = 1"],
        en: ["The file cannot be read: a syntax error.", "1-doubling.ts:3:5 (line 3)", "const = 1"],
      },
    ],
    [
      "an endless loop",
      { state: "endless", seconds: 10, test: "[2] knows a double" },
      {
        ko: ["10초가 지나도 끝나지 않아 중단했습니다.", "실행하던 테스트: [2] knows a double", '"2. 두 배인지 알기"'],
        en: ["Stopped: no end after 10 seconds.", "It ran: [2] knows a double", '"2. Know a double"'],
      },
    ],
    ["a missing file", { state: "missing" }, { ko: ["파일이 없습니다. r 키로"], en: ["The file is not there. r brings"] }],
    [
      "a dead process",
      { state: "crashed", words: "out of memory" },
      { ko: ["죽었습니다", "out of memory"], en: ["has died", "out of memory"] },
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
      { ko: ["제시간에 끝나지 않았습니다.", "테스트 1개가 더"], en: ["did not end in time", "1 more of this task's tests fails."] },
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
        ko: ["RangeError: no", "(3행)", "트레이스: .traces/a.json", "코드가 출력한 내용:\n  line 20\n"],
        en: ["RangeError: no", "(line 3)", "Trace: .traces/a.json", "Your code printed:\n  line 20\n"],
      },
    ],
  ]
  test.each(results)("%s", async (_what, result, expected) => {
    for (const language of languages) {
      const { desk } = await deskOf(language, result)
      for (const words of expected[language]) expect(text(desk)).toContain(words)
    }
  })

  test("that an exercise is done, and that everything is", async () => {
    sample.write(doubling, "// 1 passed, 2 passed")
    sample.write("exercises/1.1-numbers/2-tripling.ts", "")
    const { desk, workbook } = await deskOf("en")
    await workbook.goTo("1.1/doubling")
    expect(text(desk)).toContain("All tasks of this exercise pass. n leads on.")
    sample.write("exercises/1.1-numbers/2-tripling.ts", "// 3 passed")
    await workbook.fileChanged("exercises/1.1-numbers/2-tripling.ts")
    expect(text(desk)).toContain("Every exercise is done.")
    expect(text(desk)).toContain("[####################] 4 of 4 tasks, 3 of 3 exercises")
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
    const { desk } = await deskOf("en")
    desk.press("l")
    expect(text(desk)).toContain("> - 1.1/doubling 0/2")
    desk.press("up")
    desk.press("up")
    expect(text(desk)).toContain("> ✔ 0/one 1/1")
    desk.press("return")
    expect(text(desk)).toContain("0 Set-up, exercise 1 of 3")
  })

  test("the chapter's words, the help, and back", async () => {
    const { desk } = await deskOf("ko")
    desk.press("c")
    expect(text(desk)).toBe("chapters/ko/1.1-numbers.md:14\n\n## 1. 두 배\n\n2 → 4")
    desk.press("?")
    expect(text(desk)).toContain("h   힌트를 하나씩")
    desk.press("escape")
    expect(text(desk)).toContain("과제 1 대기 중")
  })

  test("reset asks first", async () => {
    sample.write(doubling, "// 1 passed")
    const { desk, workbook } = await deskOf("en")
    desk.press("r")
    expect(text(desk)).toBe("Bring back the original of exercises/1.1-numbers/1-doubling.ts? Your file is kept in exercises/.kept.")
    desk.press("x")
    expect(text(desk)).toContain("✔ 1. Double it")
    desk.press("r")
    const restored = new Promise<void>((resolve) => {
      workbook.on("change", () => workbook.state().notice?.kind === "restored" && !workbook.state().current.running && resolve())
    })
    desk.press("y")
    await restored
    expect(text(desk)).toContain("- 1. Double it")
    expect(text(desk)).toContain("The original is back. Your file is kept: exercises/.kept/")
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

describe("on a terminal", () => {
  test.each([
    ["en", 80, 24],
    ["ko", 80, 24],
    ["en", 40, 20],
    ["ko", 40, 20],
    ["ko", 12, 6],
  ] as const)("no line is wider and no picture higher than the terminal (%s, %i columns, %i rows)", async (language, columns, rows) => {
    const { desk } = await deskOf(language)
    const terminal = fakeTerminal(columns, rows)
    const shown = showOnScreen(desk, wordsOf[language], terminal.input, terminal.output)
    for (const key of ["h", "h", "h", "c", "l", "?", "r", "x"]) {
      terminal.type(key)
      const lines = terminal.picture().split("\r\n")
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) expect(stringWidth(line), line).toBeLessThan(columns)
    }
    terminal.type("q")
    await shown
  })

  test("the newest hint is in the picture, and the arrows move the rest into it", async () => {
    const { desk } = await deskOf("en")
    const terminal = fakeTerminal(60, 14)
    const shown = showOnScreen(desk, wordsOf.en, terminal.input, terminal.output)
    expect(terminal.picture()).toContain("Waystation workbook")
    for (const key of ["h", "h", "h"]) terminal.type(key)
    expect(terminal.picture().startsWith("Hint 3 of 3")).toBe(true)
    terminal.type("\u001b[6~")
    expect(terminal.picture()).toContain("+export const isDouble")
    for (let times = 0; times < 40; times++) terminal.type("\u001b[A")
    expect(terminal.picture()).toContain("Waystation workbook")
    terminal.type("\u001b[6~")
    expect(terminal.picture()).not.toContain("Waystation workbook")
    terminal.type("q")
    await shown
  })

  test("a key and its word stay on one line", async () => {
    const { desk } = await deskOf("ko")
    const terminal = fakeTerminal(40, 20)
    const shown = showOnScreen(desk, wordsOf.ko, terminal.input, terminal.output)
    const picture = terminal.picture().replaceAll("\u00a0", " ")
    for (const key of ["h 힌트", "n 다음", "p 이전", "r 원본", "l 목록", "c 본문", "? 도움말", "q 종료"]) expect(picture).toContain(key)
    terminal.type("q")
    await shown
  })

  test("another size of the terminal draws another picture; quitting gives the terminal back", async () => {
    const { desk } = await deskOf("en")
    const terminal = fakeTerminal(80, 24)
    const shown = showOnScreen(desk, wordsOf.en, terminal.input, terminal.output)
    expect(terminal.raw).toEqual([true])
    terminal.resize(30, 24)
    for (const line of terminal.picture().split("\r\n")) expect(stringWidth(line)).toBeLessThan(30)
    terminal.type("q")
    await shown
    expect(terminal.raw).toEqual([true, false])
    expect(terminal.written().endsWith("\u001b[?25h\u001b[?1049l")).toBe(true)
  })
})

describe("without a terminal", () => {
  test("it prints the same as lines, without control codes, and takes keys as lines", async () => {
    const { desk } = await deskOf("en")
    const input = new PassThrough()
    const output = new PassThrough({ encoding: "utf8" })
    const first = text(desk)
    const shown = showAsLines(desk, input, output)
    input.write("h\nl\n1.1/tripling\nq\n")
    await shown
    const printed = output.read() as string
    expect(printed.startsWith(`${first}\n\nh hint`)).toBe(true)
    expect(printed).toContain("Hint 1 of 3\n  Multiply.")
    expect(printed).toContain("> - 1.1/doubling 0/2")
    expect(printed).toBe(stripVTControlCharacters(printed))
  })
})

test.each([
  [0, 4, "[----]"],
  [1, 100, "[#---]"],
  [99, 100, "[###-]"],
  [100, 100, "[####]"],
  [0, 0, "[####]"],
])("the bar of %i of %i is %s", (done, all, bar) => {
  expect(progressBar(done, all, 4)).toBe(bar)
})

test("a line is broken between words, under its own beginning, with Hangul as two columns", () => {
  expect(wrap("  가나다 라마바 사아자", 10)).toEqual(["가나다", "라마바", "사아자"])
  expect(wrap("    one two three four", 28)).toEqual(["    one two three four"])
  expect(wrap("    one two three four five six", 28)).toEqual(["    one two three four five", "    six"])
})
