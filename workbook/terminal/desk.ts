import { stripVTControlCharacters } from "node:util"
import { EventEmitter } from "eventemitter3"
import type { WorkbookState } from "../state.ts"
import { type Words, wordsOf } from "../words/index.ts"
import type { Workbook } from "../workbook.ts"
import { readingLines } from "./reading.ts"
import { headerLines, hintTitle, listLines, type PagePlace, type Style, taskLines } from "./view.ts"

type Page = "task" | "list" | "chapter" | "help" | "ask-reset"

const pageOf: Readonly<Record<string, Page>> = { l: "list", c: "chapter", "?": "help", r: "ask-reset" }

/** What is to be read. */
export interface View {
  /** Not wrapped. */
  readonly lines: readonly string[]
  /** The lines that should be seen now. */
  readonly focus: { readonly from: number; readonly to: number }
  /** Changes when it is about something else. */
  readonly subject: string
  /** Whether no result is on its way. */
  readonly settled: boolean
}

/** What lies open before the learner, and what each key does there. It knows no terminal: keys come in, lines go out. */
export class Desk extends EventEmitter<"change" | "quit"> {
  readonly #workbook: Workbook
  #style: Style
  #page: Page = "task"
  #selected = ""
  /** The newest hint is what the learner wants to see. */
  #hintAsked = false
  /** The chapter's answer to its prediction may be read. */
  #answerOpen = false

  constructor(workbook: Workbook, style: Style) {
    super()
    this.#workbook = workbook
    this.#style = style
    workbook.on("change", () => {
      // The page can change the language, too.
      this.#style = { ...this.#style, words: wordsOf[workbook.state().language] }
      if (workbook.state().current.running) this.#hintAsked = false
      this.emit("change")
    })
  }

  /** Says where the page is. */
  showPage(page: PagePlace): void {
    this.#style = { ...this.#style, page }
    this.emit("change")
  }

  view(): View {
    const state = this.#workbook.state()
    const lines = this.#lines(state)
    const { exercise, running } = state.current
    return {
      lines,
      focus: this.#focus(lines, state),
      // A save while the chapter is read moves nothing.
      subject: `${this.#page} ${exercise.id} ${this.#page === "task" && running}`,
      settled: !running || this.#page !== "task",
    }
  }

  /** Whether the arrows move the text; in the list they choose. */
  get scrolls(): boolean {
    return this.#page !== "list"
  }

  /** The keys that mean something now. */
  keys(): string {
    const { words } = this.#style
    if (this.#page === "ask-reset") return words.yesNo
    if (this.#page === "list") return words.listKeys
    if (this.#page === "chapter") return words.chapterKeys(/^::: answer$/m.test(this.#workbook.chapterText()))
    return this.#page === "task" ? words.keys : words.backKeys
  }

  /** `key` as Node's readline names it. Unknown keys do nothing. */
  press(key: string): void {
    this.#hintAsked = key === "h"
    if (key === "q") this.emit("quit")
    else if (this.#page === "ask-reset") this.#answerReset(key)
    else if (this.#page === "list" && ["up", "down", "return"].includes(key)) this.#choose(key)
    else if (key === "escape") this.#open("task")
    else this.#act(key)
  }

  /** Leads to an exercise by its id; another id does nothing. */
  goTo(id: string): void {
    this.#page = "task"
    void this.#workbook.goTo(id)
  }

  #lines(state: WorkbookState): string[] {
    switch (this.#page) {
      case "task":
        return taskLines(state, this.#style)
      case "list":
        return listLines(state, this.#selected, this.#style)
      case "chapter":
        return this.#chapterLines(state)
      case "help":
        return [...headerLines(state, this.#style), "", ...this.#style.words.help]
      case "ask-reset":
        return [this.#style.words.askReset(state.current.exercise.path)]
    }
  }

  #chapterLines({ current: { section, chapter } }: WorkbookState): string[] {
    const title = this.#style.colors.bold(`${section.id} ${section.title}`)
    return [title, chapter.path, "", ...readingLines(this.#workbook.chapterText(), this.#answerOpen, this.#style)]
  }

  #focus(lines: readonly string[], { sections, current }: WorkbookState): View["focus"] {
    if (this.#page === "list") {
      const from = lines.findIndex((line) => line.startsWith("> "))
      return { from, to: from + 1 }
    }
    const heading = this.#page === "chapter" && headingToRead(sections, current, this.#style.words)
    const title = this.#page === "task" && this.#hintAsked && hintTitle(current.hints.length, current.task !== undefined, this.#style)
    if (!heading && !title) return { from: 0, to: 0 }
    const from = lines.findIndex((line) => (heading ? stripVTControlCharacters(line) === heading : line.includes(title || "")))
    return { from: Math.max(0, from), to: lines.length }
  }

  #act(key: string): void {
    const page = pageOf[key]
    if (key === "a" && this.#page === "chapter") {
      this.#answerOpen = !this.#answerOpen
      this.emit("change")
    } else if (page) {
      this.#answerOpen = false
      if (page === "list") this.#selected = this.#workbook.state().current.exercise.id
      this.#open(page === this.#page ? "task" : page)
    } else if (key === "h" || key === "n" || key === "p") {
      this.#page = "task"
      if (key === "h") this.#workbook.hint()
      else void (key === "n" ? this.#workbook.next() : this.#workbook.previous())
    }
  }

  #answerReset(key: string): void {
    this.#open("task")
    if (key === "y") void this.#workbook.reset()
  }

  #choose(key: string): void {
    if (key === "return") {
      this.goTo(this.#selected)
      return
    }
    const ids = exerciseIds(this.#workbook.state())
    const at = ids.indexOf(this.#selected) + (key === "up" ? -1 : 1)
    this.#selected = ids[Math.max(0, Math.min(at, ids.length - 1))] ?? this.#selected
    this.emit("change")
  }

  #open(page: Page): void {
    this.#page = page
    this.emit("change")
  }
}

/** None, which is the section's beginning, for its first task; what comes after all tasks, when they are done; the task's own part in between. */
function headingToRead(
  sections: WorkbookState["sections"],
  { task, section, chapter, endsSection }: WorkbookState["current"],
  words: Words,
) {
  if (!task) return endsSection ? `## ${words.production}` : undefined
  const tasks = sections.find(({ id }) => id === section.id)?.exercises.flatMap((exercise) => exercise.tasks)
  return task.number === tasks?.[0]?.number ? undefined : `## ${chapter.heading}`
}

function exerciseIds(state: WorkbookState): string[] {
  return state.sections.flatMap((section) => section.exercises.map((exercise) => exercise.id))
}
