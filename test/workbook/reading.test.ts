import pico from "picocolors"
import { expect, test } from "vitest"
import { flowing, readingLines } from "#workbook/terminal/reading.ts"
import { wordsOf } from "#workbook/words/index.ts"

const style = { words: wordsOf.en, colors: pico.createColors(false) }

test("a paragraph and a point of a list become one line each; code and headings keep theirs", () => {
  const text =
    "## One\nA paragraph\nof two lines.\n\n- a point\n  that goes on\n- another\n\n```ts\nconst a = 1\n\nconst b = 2\n```\n1. first\n2. second"
  expect(flowing(text)).toEqual([
    "## One",
    "A paragraph of two lines.",
    "",
    "- a point that goes on",
    "- another",
    "",
    "    const a = 1",
    "    ",
    "    const b = 2",
    "1. first",
    "2. second",
  ])
})

test("the columns of a table stand in line, Hangul counted as two", () => {
  expect(flowing("| a | b |\n|---|---|\n| 표시 | x |")).toEqual(["| a     b", "| 표시  x"])
})

test("a chapter shows no hint, and its answer only when it is open", () => {
  const chapter =
    "---\nid: 1\n---\n\n## Predict\n\n::: predict\nWhich?\n:::\n\n::: answer\nThis **one**.\n:::\n\n## 1. Do it\n\nSo.\n\n::: hint 1\nThere.\n:::\n"
  expect(readingLines(chapter, false, style)).toEqual([
    "## Predict",
    "",
    "Which?",
    "",
    wordsOf.en.answerClosed,
    "",
    "## 1. Do it",
    "",
    "So.",
  ])
  expect(readingLines(chapter, true, style)).toContain("This one.")
})
