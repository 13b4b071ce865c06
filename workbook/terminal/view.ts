import { createColors } from "picocolors"
import type { ExerciseResult, Failure, Place } from "../result.ts"
import { type CurrentState, type Hint, hintsMax, type Notice, type TaskState, type WorkbookState } from "../state.ts"
import type { Words } from "../words/index.ts"
import { flowing } from "./reading.ts"
import { progressBar } from "./text.ts"

type Colors = ReturnType<typeof createColors>

/** How the lines are made: the words are of the learner's language, the colours may be none. */
export interface Style {
  readonly words: Words
  readonly colors: Colors
  readonly page?: PagePlace
}

/** Where the workbook is on a page, the ports that others held, or why it is on none. */
export type PagePlace = { readonly address: string; readonly busyPorts: readonly number[] } | { readonly refusal: string }

const printedLinesMax = 10
const barWidth = 20

/** Where the learner stands, and what the first task that is not done needs. The lines are not wrapped yet. */
export function taskLines(state: WorkbookState, style: Style): string[] {
  const { words, colors } = style
  const { current, exercises, notice } = state
  const { exercise, section, running, result, chapter, task } = current
  return paragraphs([
    headerLines(state, style),
    [
      `${colors.bold(`${section.id} ${section.title}`)}, ${words.exercise(current.position, exercises.all)}`,
      exercise.path,
      ...exercise.tasks.map((entry) => `  ${mark(entry.state, colors)} ${entry.number}. ${entry.title}`),
    ],
    running ? [colors.yellow(words.running)] : [],
    running ? old(resultLines(result, current, { words, colors: createColors(false) }), style) : resultLines(result, current, style),
    doneLines(state, style),
    result?.state === "ran" && result.printed ? [words.printed, ...lastLines(result.printed)] : [],
    [words.read(task ? chapter.heading : section.title), `  ${words.chapterFile(task ? `${chapter.path}:${chapter.line}` : chapter.path)}`],
    hintsLeft(current, style),
    ...hintParagraphs(current, style),
    notice ? [colors.yellow(noticeLine(notice, words))] : [],
  ])
}

/** What was so before the save that is being run. */
function old(lines: readonly string[], { colors }: Style): string[] {
  return lines.map((line) => dimmed(line, colors))
}

/** The indentation stays outside: what goes over the line's end stands under it. */
function dimmed(line: string, colors: Colors): string {
  return line.replace(/\S.*/, (text) => colors.dim(text))
}

/** Parts with an empty line between them; a part without lines is none. */
function paragraphs(parts: readonly (readonly string[])[]): string[] {
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index > 0 ? ["", ...part] : part))
}

/** The progress over everything. */
export function headerLines({ tasks, exercises }: WorkbookState, style: Style): string[] {
  const { words, colors } = style
  const progress = `${progressBar(tasks.done, tasks.all, barWidth)} ${words.progress(tasks, exercises)}`
  return [colors.bold(words.title), progress, ...pageLines(style)]
}

function pageLines({ words, page }: Style): string[] {
  if (!page) return []
  if ("refusal" in page) return [words.noPage(page.refusal)]
  return [words.page(page.address), ...(page.busyPorts.length > 0 ? [words.portBusy(page.busyPorts.join(", "))] : [])]
}

/** Every section and exercise; `selected` is marked. */
export function listLines(state: WorkbookState, selected: string, style: Style): string[] {
  const { words, colors } = style
  const sections = state.sections.flatMap((section) => [
    "",
    `${colors.bold(`${section.id} ${section.title}`)}, ${words.minutes(section.minutes)}`,
    ...section.exercises.flatMap(({ id, done, tasks }) => {
      const passed = tasks.filter((task) => task.state === "passed").length
      const line = `${mark(done ? "passed" : tasks.some((task) => task.state === "failed") ? "failed" : "open", colors)} ${id} ${passed}/${tasks.length}`
      return [
        id === selected ? `> ${colors.bold(line)}` : `  ${line}`,
        dimmed(`      ${tasks.map((task) => task.title).join(", ")}`, colors),
      ]
    }),
  ])
  return [...headerLines(state, style), ...sections]
}

function mark(state: TaskState["state"], colors: Colors): string {
  if (state === "passed") return colors.green("✔")
  return state === "failed" ? colors.red("✘") : "-"
}

function resultLines(result: ExerciseResult | undefined, { task, exercise }: CurrentState, style: Style): string[] {
  const { words, colors } = style
  switch (result?.state) {
    case undefined:
      return []
    case "missing":
      return [colors.red(words.missing)]
    case "endless":
      return [colors.red(words.endless(result.seconds)), ...(result.test ? [`  ${words.endlessTest(result.test)}`] : [])]
    case "crashed":
      return [colors.red(words.crashed), ...indented(result.words)]
    case "unloadable":
      return [
        colors.red(result.syntax ? words.syntax : words.unloadable),
        ...indented(result.words),
        ...placeLines(result.place, exercise.path, style),
      ]
    case "ran": {
      const shown = result.tasks.find((entry) => entry.number === task?.number)
      if (!task || shown?.state === "passed") return []
      if (shown?.state === "waiting") return [words.waiting(task.number)]
      return [colors.red(words.failed(task.number)), ...failureLines(shown?.failures ?? [], exercise.path, style)]
    }
  }
}

/** The first is enough to work on; the others are counted. */
function failureLines([failure, ...more]: readonly Failure[], path: string, style: Style): string[] {
  const { words } = style
  if (!failure) return []
  return [
    ...(failure.kind === "late" ? [`  ${words.late}`] : indented(failure.words)),
    ...placeLines(failure.place, path, style),
    ...(failure.tracePath ? [`  ${words.trace}`, `    ${failure.tracePath}`] : []),
    ...(more.length > 0 ? [`  ${words.moreFailures(more.length)}`] : []),
  ]
}

function placeLines(place: Place | undefined, path: string, { words, colors }: Style): string[] {
  if (!place) return []
  return [`  ${path}:${place.line}:${place.column} (${words.line(place.line)})`, `    ${colors.dim(place.text)}`]
}

function doneLines({ current, exercises }: WorkbookState, { words, colors }: Style): string[] {
  if (!current.result || current.task) return []
  const done = colors.green(exercises.done === exercises.all ? words.allDone : words.exerciseDone)
  return current.endsSection && hasProductionPart(current) ? [done, words.sectionDone] : [done]
}

/** The section to start with has nothing but its task. */
function hasProductionPart({ section }: CurrentState): boolean {
  return section.id !== "0"
}

function hintsLeft({ hints, task, result }: CurrentState, { words }: Style): string[] {
  if (hints.length > 0) return []
  if (task) return [words.hintsLeft(hintsMax)]
  return result ? [words.compare] : []
}

function hintParagraphs({ hints, task }: CurrentState, style: Style): string[][] {
  return hints.map((hint, index) => [style.colors.cyan(hintTitle(index + 1, task !== undefined, style)), ...hintText(hint, style)])
}

/** What stands over the hint of that number; of an exercise that is done there is one, the difference. */
export function hintTitle(number: number, open: boolean, { words }: Style): string {
  return open ? words.hint(number, hintsMax) : words.compared
}

function hintText(hint: Hint, { words, colors }: Style): string[] {
  if (hint.kind === "text") return flowing(hint.text).map((line) => `  ${line}`)
  if (hint.lines.length === 0) return [`  ${words.same}`]
  const color = (line: string) => (line.startsWith("+") ? colors.green(line) : line.startsWith("-") ? colors.red(line) : line)
  return [`  ${words.difference}`, ...hint.lines.map((line) => `  ${color(line)}`)]
}

function noticeLine(notice: Notice, words: Words): string {
  switch (notice.kind) {
    case "restored":
      return words.restored(notice.path)
    case "progress-set-aside":
      return words.progressSetAside(notice.path)
    case "other-ran":
      return words.otherRan(notice.exercise, notice.done, notice.all)
    case "welcome":
      return words.welcome
    case "first":
      return words.first
    case "last":
      return words.last
    case "no-more-hints":
      return words.noMoreHints
    case "error":
      return words.error(notice.words)
  }
}

function lastLines(printed: string): string[] {
  return indented(printed.trimEnd()).slice(-printedLinesMax)
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => `  ${line}`)
}
