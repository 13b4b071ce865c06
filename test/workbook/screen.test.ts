import { PassThrough } from "node:stream"
import { stripVTControlCharacters } from "node:util"
import stringWidth from "string-width"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { showAsLines } from "#workbook/terminal/plain.ts"
import { showOnScreen } from "#workbook/terminal/screen.ts"
import { progressBar, wrap } from "#workbook/terminal/text.ts"
import { wordsOf } from "#workbook/words/index.ts"
import { deskOf, scriptedSample, textOf } from "./support/desk.ts"
import { fakeTerminal } from "./support/terminal.ts"

let sample: ReturnType<typeof scriptedSample>

beforeEach(() => {
  sample = scriptedSample()
})

afterEach(() => sample[Symbol.dispose]())

describe("on a terminal", () => {
  test.each([
    ["en", 80, 24],
    ["ko", 80, 24],
    ["en", 40, 20],
    ["ko", 40, 20],
    ["ko", 12, 6],
  ] as const)("no line is wider and no picture higher than the terminal (%s, %i columns, %i rows)", async (language, columns, rows) => {
    const { desk } = await deskOf(sample.root, language)
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
    const { desk } = await deskOf(sample.root, "en")
    const terminal = fakeTerminal(60, 9)
    const shown = showOnScreen(desk, wordsOf.en, terminal.input, terminal.output)
    expect(terminal.picture()).toContain("Waystation workbook")
    for (const key of ["h", "h", "h"]) terminal.type(key)
    expect(terminal.picture().startsWith("Hint 3 of 3")).toBe(true)
    terminal.type("\u001b[6~")
    expect(terminal.picture()).toContain("+export const double")
    expect(terminal.picture()).not.toContain("isDouble")
    for (let times = 0; times < 40; times++) terminal.type("\u001b[A")
    expect(terminal.picture()).toContain("Waystation workbook")
    terminal.type("\u001b[6~")
    expect(terminal.picture()).not.toContain("Waystation workbook")
    terminal.type("q")
    await shown
  })

  test("each line is wiped before it is written, and what lies below the last", async () => {
    const { desk } = await deskOf(sample.root, "en")
    const terminal = fakeTerminal(60, 14)
    const shown = showOnScreen(desk, wordsOf.en, terminal.input, terminal.output)
    const picture = terminal.written().split("\u001b[1;1H").at(-1) ?? ""
    for (const line of picture.split("\r\n")) expect(line.startsWith("\u001b[2K")).toBe(true)
    expect(picture.endsWith("\u001b[J")).toBe(true)
    terminal.type("q")
    await shown
  })

  test("a key and its word stay on one line", async () => {
    const { desk } = await deskOf(sample.root, "ko")
    const terminal = fakeTerminal(40, 20)
    const shown = showOnScreen(desk, wordsOf.ko, terminal.input, terminal.output)
    const picture = terminal.picture().replaceAll("\u00a0", " ")
    for (const key of ["h 힌트", "n 다음", "p 이전", "r 원본", "l 목록", "c 본문", "? 도움말", "q 종료"]) expect(picture).toContain(key)
    terminal.type("q")
    await shown
  })

  test("another size of the terminal draws another picture; quitting gives the terminal back", async () => {
    const { desk } = await deskOf(sample.root, "en")
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
    const { desk } = await deskOf(sample.root, "en")
    const input = new PassThrough()
    const output = new PassThrough({ encoding: "utf8" })
    const first = textOf(desk)
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
