import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const packageRoot = join(import.meta.dirname, "..", "..", "..")

/** The path from the root of the sample's exercise with two tasks. */
export const doubling = "exercises/1.1-numbers/1-doubling.ts"
export const tripling = "exercises/1.1-numbers/2-tripling.ts"

export const doublingSolved = `export const double = (n: number): number => n * 2
export const isDouble = (n: number): boolean => n % 2 === 0
`

/** A small workbook in a temporary directory, to be edited and broken: one exercise was done before, two are to do. */
export function sampleWorkbook(): { root: string; write(path: string, text: string): void } & Disposable {
  const root = mkdtempSync(join(tmpdir(), "waystation-workbook-"))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  for (const [path, text] of Object.entries(exercises)) {
    write(`exercises/${path}`, text)
    write(`workbook/originals/${path}`, text)
  }
  write("exercises/.progress.json", JSON.stringify({ version: 1, done: { "0/one": [1] } }))
  symlinkSync(join(packageRoot, "node_modules"), join(root, "node_modules"), "junction")
  return { root, write, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}

const exercises = {
  "0-set-up/1-one.ts": "export const one = 1\n",
  "1.1-numbers/1-doubling.ts": `import { Todo } from "#workbook/todo.ts"

export function double(_n: number): number {
  throw new Todo(1)
}

export function isDouble(_n: number): boolean {
  throw new Todo(2)
}
`,
  "1.1-numbers/2-tripling.ts": `import { Todo } from "#workbook/todo.ts"

export function triple(_n: number): number {
  throw new Todo(3)
}
`,
}

const korean = 'const korean = process.env.WAYSTATION_LANG === "ko"\n'

const files = {
  "solutions/0-set-up/1-one.ts": "export const one = 1\n",
  "solutions/1.1-numbers/1-doubling.ts": doublingSolved,
  "solutions/1.1-numbers/2-tripling.ts": "export const triple = (n: number): number => n * 3\n",
  "test/exercises/0-set-up/1-one.test.ts": `import { expect, test } from "vitest"
import { one } from "#work/0-set-up/1-one.ts"

test("[1] is one", () => expect(one).toBe(1))
`,
  "test/exercises/1.1-numbers/1-doubling.test.ts": `import { test } from "vitest"
import { double, isDouble } from "#work/1.1-numbers/1-doubling.ts"

${korean}
test("[1] doubles", () => {
  const got = double(2)
  if (got === 4) return
  const words = korean ? \`LOST: 4가 아니라 \${got}\\n  1. 2를 보냈다\` : \`LOST: \${got} came instead of 4\\n  1. 2 was sent\`
  throw Object.assign(new Error(words), { tracePath: new URL("../../../.traces/doubling.json", import.meta.url).pathname })
})
test("[2] knows a double", async () => {
  await undefined
  if (!isDouble(4)) throw new Error("STUCK: 4")
})
`,
  "test/exercises/1.1-numbers/2-tripling.test.ts": `import { expect, test } from "vitest"
import { triple } from "#work/1.1-numbers/2-tripling.ts"

test("[3] triples", () => expect(triple(2)).toBe(6))
`,
  "chapters/en/0-set-up.md": chapter("0", "Set-up", [["0/one", "[1]"]], "## 1. One\n\nIt works."),
  "chapters/ko/0-set-up.md": chapter("0", "준비", [["0/one", "[1]"]], "## 1. 하나\n\n이미 돼요."),
  "chapters/en/1.1-numbers.md": chapter(
    "1.1",
    "Numbers",
    tasksOfNumbers(),
    numbersBody("Double it", "Know a double", "Triple it", "Multiply."),
  ),
  "chapters/ko/1.1-numbers.md": chapter("1.1", "숫자", tasksOfNumbers(), numbersBody("두 배", "두 배인지 알기", "세 배", "곱하세요.")),
}

function tasksOfNumbers(): [string, string][] {
  return [
    ["1.1/doubling", "[1, 2]"],
    ["1.1/tripling", "[3]"],
  ]
}

function chapter(id: string, title: string, tasks: [string, string][], body: string): string {
  const entries = tasks.map(([exercise, numbers]) => `  - exercise: "${exercise}"\n    numbers: ${numbers}`)
  return `---\nid: "${id}"\ntitle: ${title}\nminutes: 5\ntasks:\n${entries.join("\n")}\nneeds: []\nleaves-out: []\n---\n\n${body}\n`
}

function numbersBody(one: string, two: string, three: string, hint: string): string {
  return [one, two, three]
    .map((title, index) => `## ${index + 1}. ${title}\n\n2 → 4\n\n::: hint 1\n${hint}\n:::\n\n::: hint 2\n\`n * 2\`\n:::\n`)
    .join("\n")
}
