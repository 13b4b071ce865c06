import { expect, test } from "vitest"
import { parseChapter } from "#workbook/chapter.ts"
import { withBlocks } from "./support/blocks.ts"

const front = `---
id: "1.2"
title: Order
minutes: 10
tasks:
  - exercise: "1.2/one"
    numbers: [1, 2]
needs: ["1.1"]
leaves-out: [back-pressure]
---
`
const body = `
## The idea

Text with a [link](../README.md#chapter).

\`\`\`ts from=solutions/one.ts#part
const one = 1
\`\`\`

\`\`\`ts
const plain = 1
\`\`\`

## 1. First task

What is sent.

::: hint 1
Look there.
:::

::: hint 2
- \`here\`

\`\`\`ts
## 9. not a heading
\`\`\`
:::

What is expected.

## 2. Second task

\`\`\`output from=chapters/programs/one.ts
old
\`\`\`
`

test("a chapter says what it is, where its tasks stand and what hints they have", () => {
  const chapter = parseChapter(front + body)
  expect(chapter).toMatchObject({ id: "1.2", title: "Order", minutes: 10, needs: ["1.1"], leavesOut: ["back-pressure"] })
  const lines = chapter.source.split("\n")
  expect(chapter.taskParts.map(({ number, title, line }) => [number, title, lines[line - 1]])).toEqual([
    [1, "First task", "## 1. First task"],
    [2, "Second task", "## 2. Second task"],
  ])
  const [first] = chapter.taskParts
  expect(first?.hints).toEqual(["Look there.", "- `here`\n\n```ts\n## 9. not a heading\n```"])
  expect(first?.text).toBe("What is sent.\n\nWhat is expected.")
  expect(chapter.links.map((link) => link.target)).toEqual(["../README.md#chapter"])
})

test("a chapter knows the blocks that come from files and programs, and takes their new text", () => {
  const { source, blocks } = parseChapter(front + body)
  expect(blocks.map(({ kind, path, region, text }) => [kind, path, region, text])).toEqual([
    ["code", "solutions/one.ts", "part", "const one = 1\n"],
    ["output", "chapters/programs/one.ts", undefined, "old\n"],
  ])
  const texts = blocks.map((block, index) => [block, index === 0 ? "a\nb\n" : "new\n"] as const)
  const filled = withBlocks(source, texts)
  expect(filled).toBe(source.replace("const one = 1\n", "a\nb\n").replace("old\n", "new\n"))
})

test("windows' line ends make no difference", () => {
  const { headings, taskParts } = parseChapter((front + body).replaceAll("\n", "\r\n"))
  expect({ headings, taskParts }).toEqual({
    headings: parseChapter(front + body).headings,
    taskParts: parseChapter(front + body).taskParts,
  })
})

test.each([
  ["no front matter", (text: string) => text.slice(4), "A chapter begins with front matter between two lines of three hyphens."],
  ["a number as id", (text: string) => text.replace('"1.2"', "1.2"), '"id" must be a section number in quotes, as in "3.3.5": got 1.2.'],
  ["no title", (text: string) => text.replace("title: Order\n", ""), '"title" must be text: got undefined.'],
  ["half a minute", (text: string) => text.replace("minutes: 10", "minutes: 0.5"), '"minutes" must be a whole number: got 0.5.'],
  ["an unknown entry", (text: string) => text.replace("needs:", "need:"), 'The front matter has an unknown entry "need": it takes'],
  ["a gap in the numbers", (text: string) => text.replace("[1, 2]", "[1, 3]"), '"tasks": 1.2/one must go on with number 2: got 3.'],
  [
    "another section's exercise",
    (text: string) => text.replace('"1.2/one"', '"1.3/one"'),
    'an exercise must be named "1.2/<name>": got "1.3/one".',
  ],
  ["hints out of order", (text: string) => text.replace("hint 1", "hint 2"), 'Line 28: this should be "::: hint 1".'],
])("%s is refused", (_what, broken, words) => {
  expect(() => parseChapter(broken(front + body))).toThrow(words)
})
