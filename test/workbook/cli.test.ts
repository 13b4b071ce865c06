import { spawn } from "node:child_process"
import { once } from "node:events"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { stripVTControlCharacters } from "node:util"
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest"
import { runCli } from "#workbook/cli.ts"
import { doubling, doublingSolved, sampleWorkbook } from "./support/sample.ts"
import { fakeTerminal } from "./support/terminal.ts"

// These start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const main = join(import.meta.dirname, "support", "sample-main.ts")

let sample: ReturnType<typeof sampleWorkbook>

beforeEach(() => {
  sample = sampleWorkbook()
})

afterEach(() => sample[Symbol.dispose]())

function start(...values: string[]) {
  const child = spawn(process.execPath, [main, sample.root, ...values], { stdio: ["pipe", "pipe", "pipe"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  return child
}

async function ended(child: ReturnType<typeof start>) {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")])
  return { stdout, stderr, code }
}

/** A workbook in this process, on a terminal that exists only here. */
function onTerminal(columns = 80, rows = 40) {
  const terminal = fakeTerminal(columns, rows)
  const options = { root: sample.root, arguments: ["--lang", "en"], environment: { TERM: "xterm" }, stderr: process.stderr }
  return { terminal, code: runCli({ ...options, stdin: terminal.input, stdout: terminal.output }) }
}

test("--once prints where the learner stands, without control codes, and exits with 0 although tasks are red", async () => {
  sample.write(doubling, doublingSolved.replace("n * 2", "n"))
  const { stdout, stderr, code } = await ended(start("--once", "--lang", "ko"))
  expect(stdout).toContain("과제 1 실패.\n  LOST: 4가 아니라 2\n    1. 2를 보냈다\n")
  expect(stdout).toContain("[##########----------] 과제 2/4, 연습 1/3")
  expect(stdout).toBe(stripVTControlCharacters(stdout))
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 })
})

test("--help prints the options, an unknown one is refused with a sentence", async () => {
  const [help, refused] = await Promise.all([ended(start("--help", "--lang", "en")), ended(start("--onec", "--lang", "en"))])
  expect(help.code).toBe(0)
  for (const option of ["--lang ko|en", "--once", "--help"]) expect(help.stdout).toContain(option)
  const sentence = 'Unknown option "--onec": it takes --lang ko|en, --no-page, --once and --help.\n'
  expect(refused).toEqual({ stdout: "", stderr: sentence, code: 1 })
})

test("a chapter of the wrong form ends it with a sentence that names the file", async () => {
  sample.write("chapters/en/1.1-numbers.md", "no front matter")
  const { stdout, stderr, code } = await ended(start("--once", "--lang", "en"))
  expect(stderr).toMatch(/1\.1-numbers\.md: A chapter begins with front matter between two lines of three hyphens\.\n$/)
  expect({ stdout, code }).toEqual({ stdout: "", code: 1 })
})

test("without a terminal it prints lines, watches, takes keys as lines, and q ends it", async () => {
  const child = start("--lang", "en")
  let printed = ""
  child.stdout.setEncoding("utf8")
  const prints = async (words: string) => {
    while (!printed.includes(words)) printed += (await once(child.stdout, "data"))[0]
  }
  const exit = once(child, "exit")
  await prints("Task 1 is waiting.")
  sample.write(doubling, doublingSolved.replace("n * 2", "n"))
  await prints("LOST: 2 came instead of 4")
  child.stdin.write("h\n")
  await prints("Hint 1 of 3\n  Multiply.")
  sample.write(doubling, doublingSolved)
  await prints("All tasks of this exercise pass.")
  child.stdin.write("n\n")
  await prints("Task 3 is waiting.")
  child.stdin.write("q\n")
  expect(await exit).toEqual([0, null])
  expect(printed).toBe(stripVTControlCharacters(printed))
})

test("on a terminal a save is answered, whatever is saved", async () => {
  const { terminal, code } = onTerminal()
  await terminal.shows("Task 1 is waiting.")
  sample.write(doubling, "export const double = (n: number) => n * * 2\n")
  await terminal.shows("a syntax error")
  sample.write(doubling, doublingSolved.replace("n * 2", "n"))
  await terminal.shows("LOST: 2 came instead of 4")
  rmSync(join(sample.root, doubling))
  await terminal.shows("The file is not there.")
  terminal.type("r")
  await terminal.shows("Bring back the original")
  terminal.type("y")
  await terminal.shows("The original is back.")
  terminal.type("q")
  expect(await code).toBe(0)
})

test("a better save ends an endless loop at once, and of two quick saves the last one counts", async () => {
  const { terminal, code } = onTerminal()
  await terminal.shows("Task 1 is waiting.")
  sample.write(doubling, doublingSolved.replace("n * 2", "{ for (;;); }"))
  await terminal.shows("running …")
  sample.write(doubling, doublingSolved.replace("n * 2", "n"))
  sample.write(doubling, doublingSolved)
  const picture = await terminal.shows("All tasks of this exercise pass.")
  expect(picture).not.toContain("LOST")
  terminal.type("q")
  expect(await code).toBe(0)
})

test("q during an endless loop ends it", async () => {
  const { terminal, code } = onTerminal()
  await terminal.shows("Task 1 is waiting.")
  sample.write(doubling, doublingSolved.replace("n * 2", "{ for (;;); }"))
  await terminal.shows("running …")
  terminal.type("q")
  expect(await code).toBe(0)
})

test("next is a key: while everything passes, nothing moves by itself", async () => {
  sample.write(doubling, doublingSolved)
  const { terminal, code } = onTerminal()
  await terminal.shows("Task 3 is waiting.")
  terminal.type("p")
  await terminal.shows("All tasks of this exercise pass.")
  sample.write(doubling, `${doublingSolved}// saved again\n`)
  await terminal.shows("running …")
  await terminal.shows("All tasks of this exercise pass.")
  terminal.type("n")
  await terminal.shows("Task 3 is waiting.")
  terminal.type("q")
  expect(await code).toBe(0)
})
