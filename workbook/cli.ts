import pico from "picocolors"
import { readArguments } from "./arguments.ts"
import { systemLanguage } from "./language.ts"
import type { PageServer } from "./page/server.ts"
import { Runner } from "./running/runner.ts"
import { Desk } from "./terminal/desk.ts"
import { showAsLines } from "./terminal/plain.ts"
import { type ScreenInput, type ScreenOutput, showOnScreen } from "./terminal/screen.ts"
import { taskLines } from "./terminal/view.ts"
import { watchExercises } from "./watch.ts"
import { wordsOf } from "./words/index.ts"
import { Workbook } from "./workbook.ts"

/** What the workbook needs of the process it runs in. */
export interface CliOptions {
  /** Where chapters/, exercises/ and the rest lie. */
  root: string
  arguments: readonly string[]
  environment: Readonly<Record<string, string | undefined>>
  stdin: ScreenInput & NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: ScreenOutput & NodeJS.WritableStream & { isTTY?: boolean }
  stderr: Pick<NodeJS.WritableStream, "write">
  /** Aborted when the process is asked to end. */
  signal?: AbortSignal
}

/** @returns the exit code: 0 if it could run */
export async function runCli(options: CliOptions): Promise<number> {
  const { language, once, page, help, refusal } = readArguments(options.arguments, systemLanguage(options.environment))
  if (refusal) {
    options.stderr.write(`${refusal}\n`)
    return 1
  }
  if (help) {
    options.stdout.write(`${wordsOf[language].usage.join("\n")}\n`)
    return 0
  }
  const runner = new Runner(options.root)
  // Loading the test runner takes the most time: it begins at once.
  runner.warm()
  try {
    const workbook = new Workbook({ root: options.root, language, runner })
    return await (once ? printOnce(workbook, options) : stay(workbook, page, options))
  } catch (error) {
    options.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return 1
  } finally {
    await runner.stop()
  }
}

async function printOnce(workbook: Workbook, { stdout }: CliOptions): Promise<number> {
  await workbook.start()
  const state = workbook.state()
  stdout.write(`${taskLines(state, { words: wordsOf[state.language], colors: pico.createColors(false) }).join("\n")}\n`)
  return state.current.result?.state === "crashed" ? 1 : 0
}

async function stay(workbook: Workbook, withPage: boolean, options: CliOptions): Promise<number> {
  const { stdin, stdout, environment, root, signal } = options
  const words = wordsOf[workbook.state().language]
  const onScreen = Boolean(stdin.isTTY && stdout.isTTY && environment.TERM !== "dumb")
  const desk = new Desk(workbook, { words, colors: onScreen ? pico : pico.createColors(false) })
  const shown = onScreen ? showOnScreen(desk, words, stdin, stdout) : showAsLines(desk, stdin, stdout)
  signal?.addEventListener("abort", () => desk.emit("quit"))
  const page = withPage ? openPage(root, workbook, desk) : undefined
  const watcher = await watchExercises(root, (path) => void workbook.fileChanged(path))
  const failed = workbook.start().then(() => shown)
  await Promise.race([shown, failed])
  await watcher.stop()
  await (await page)?.stop()
  await workbook.stop()
  return 0
}

/** The workbook goes on without its page, whatever keeps that from opening. */
async function openPage(root: string, workbook: Workbook, desk: Desk): Promise<PageServer | undefined> {
  try {
    // Loaded only here: who wants no page does not wait for it.
    const { startPage } = await import("./page/start.ts")
    const server = await startPage({ root, workbook })
    desk.showPage(server)
    return server
  } catch (error) {
    desk.showPage({ refusal: (error as Error).message })
    return undefined
  }
}
