import { spawn } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import pico from "picocolors"
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest"
import { startPage } from "#workbook/page/start.ts"
import { Desk } from "#workbook/terminal/desk.ts"
import { wordsOf } from "#workbook/words/index.ts"
import { sampleWorkbook } from "../workbook/support/sample.ts"
import { samplePage } from "./support/page.ts"

// These start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 })

const main = join(import.meta.dirname, "../workbook/support/sample-main.ts")

let sample: ReturnType<typeof sampleWorkbook>

beforeEach(() => {
  sample = sampleWorkbook()
})

afterEach(() => sample[Symbol.dispose]())

/** `npm start`, on the sample, up to these words. */
async function startedUpTo(words: RegExp, ...values: string[]): Promise<string> {
  const child = spawn(process.execPath, [main, sample.root, "--lang", "en", ...values], { stdio: ["pipe", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  child.stdout.setEncoding("utf8")
  let printed = ""
  while (!words.test(printed)) printed += (await once(child.stdout, "data"))[0]
  return printed
}

test("npm start opens the page beside the terminal and prints its address, with the token", async () => {
  const printed = await startedUpTo(/On a page: \S+\n.*\n\n/s)
  const [, origin, token] = /On a page: (http:\/\/127\.0\.0\.1:\d+)\/#token=(\S+)/.exec(printed) ?? []
  expect(await (await fetch(`${origin}/en/1.1`)).text()).toContain("<h1>Numbers</h1>")
  expect((await fetch(`${origin}/api/state`)).status).toBe(403)
  const state = await fetch(`${origin}/api/state`, { headers: { "x-waystation-token": token ?? "" } })
  expect(await state.json()).toMatchObject({ language: "en", exercises: { all: 3 } })
})

test("a port that another program holds is named, and the next one taken", async () => {
  using page = samplePage()
  const other = createServer()
  onTestFinished(() => void other.close())
  await once(other.listen(0, "127.0.0.1"), "listening")
  const { port } = other.address() as AddressInfo
  const server = await startPage({ root: page.root, workbook: page.workbook, port })
  onTestFinished(() => server.stop())
  const desk = new Desk(page.workbook, { words: wordsOf.en, colors: pico.createColors(false) })
  desk.showPage(server)
  expect(desk.view().lines.join("\n")).toMatch(new RegExp(`Port ${port}\\b.* is in use by another program; this is the next free one\\.`))
})

test("--no-page opens none", async () => {
  expect(await startedUpTo(/Task 1 is waiting\..*\n\n/s, "--no-page")).not.toContain("On a page")
})
