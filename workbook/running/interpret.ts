import { readFileSync } from "node:fs"
import { isAbsolute, relative, sep } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { type ExerciseResult, type Failure, type Place, type TaskResult, taskNumber } from "../result.ts"
import type { ModuleResult, ThrownError } from "./protocol.ts"

/** The words of a test begin with what went wrong with the messages. */
const anomaly = /^(LOST|DUPLICATED|REORDERED|PHANTOM|STUCK)\b/

/** Where the tested code lies, and the directory from which paths are shown. */
export interface Origin {
  readonly path: string
  readonly root: string
}

/** Says in tasks and words what vitest said in tests and errors. */
export function interpret({ errors, tests, printed }: ModuleResult, origin: Origin): ExerciseResult {
  const broken = errors[0]
  if (broken) return unloadable(broken, origin.path)
  const numbers = [...new Set(tests.map((test) => taskNumber(test.title)))].sort((one, other) => one - other)
  return { state: "ran", tasks: numbers.map((number) => taskResult(number, tests, origin)), printed: clean(printed) }
}

function taskResult(number: number, tests: ModuleResult["tests"], origin: Origin): TaskResult {
  const own = tests.filter((test) => taskNumber(test.title) === number)
  const failures = own.flatMap((test) => test.errors.filter((error) => !isTodo(error)).map((error) => failure(test.title, error, origin)))
  const passed = own.every((test) => test.passed)
  return { number, state: failures.length > 0 ? "failed" : passed ? "passed" : "waiting", failures }
}

function isTodo(error: ThrownError): boolean {
  return error.name === "Todo" && typeof error.task === "number"
}

function failure(title: string, error: ThrownError, { path, root }: Origin): Failure {
  const test = title.replace(/^\[\d+\]\s*/, "")
  const message = clean(error.message ?? "")
  if (/^Test timed out in \d+ms/.test(message)) return { test, kind: "late", words: "" }
  const tracePath = typeof error.tracePath === "string" ? { tracePath: fromRoot(error.tracePath, root) } : {}
  const place = anomaly.test(message) ? undefined : placeIn(error.stack ?? "", path)
  if (!place) return { test, kind: "told", words: message, ...tracePath }
  return { test, kind: "thrown", words: `${error.name ?? "Error"}: ${message}`, place, ...tracePath }
}

function fromRoot(path: string, root: string): string {
  const inside = isAbsolute(path) ? relative(root, path) : path
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside.split(sep).join("/")
}

function unloadable(error: ThrownError, path: string): ExerciseResult {
  const message = clean(error.message ?? "")
  // What the parser says: a code in brackets, its sentence, and below a frame that begins with the place.
  const parse = /\[PARSE_ERROR\] (.+)\n.*?:(\d+):(\d+)/.exec(message)
  if (parse) {
    const place = placeAt(path, Number(parse[2]), Number(parse[3]))
    return { state: "unloadable", syntax: true, words: parse[1] ?? "", ...(place && { place }) }
  }
  const place = placeIn(error.stack ?? "", path)
  return { state: "unloadable", syntax: false, words: `${error.name ?? "Error"}: ${message}`, ...(place && { place }) }
}

/** The innermost call of the stack that lies in the file. */
function placeIn(stack: string, path: string): Place | undefined {
  const at = stack.replaceAll("\\", "/").split(`${path.replaceAll("\\", "/")}:`)[1]
  const [, line, column] = /^(\d+):(\d+)/.exec(at ?? "") ?? []
  return line && column ? placeAt(path, Number(line), Number(column)) : undefined
}

function placeAt(path: string, line: number, column: number): Place | undefined {
  try {
    return { line, column, text: readFileSync(path, "utf8").split("\n")[line - 1]?.trim() ?? "" }
  } catch {
    return undefined // It was removed since.
  }
}

/** What a learner's code says is shown, never obeyed by the terminal. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "")
}
