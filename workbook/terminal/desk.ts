import { EventEmitter } from "eventemitter3"
import { hintsMax, type WorkbookState } from "../state.ts"
import { wordsOf } from "../words/index.ts"
import type { Workbook } from "../workbook.ts"
import { chapterLines, headerLines, listLines, type PagePlace, type Style, taskLines } from "./view.ts"

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
    const { exercise, running, hints } = state.current
    return {
      lines,
      focus: this.#focus(lines, hints.length),
      subject: `${this.#page} ${exercise.id} ${running}`,
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
        return chapterLines(state, this.#style)
      case "help":
        return [...headerLines(state, this.#style), "", ...this.#style.words.help]
      case "ask-reset":
        return [this.#style.words.askReset(state.current.exercise.path)]
    }
  }

  #focus(lines: readonly string[], hints: number): View["focus"] {
    if (this.#page === "list") {
      const from = lines.findIndex((line) => line.startsWith("> "))
      return { from, to: from + 1 }
    }
    if (this.#page !== "task" || !this.#hintAsked) return { from: 0, to: 0 }
    return { from: lines.findIndex((line) => line.includes(this.#style.words.hint(hints, hintsMax))), to: lines.length }
  }

  #act(key: string): void {
    const page = pageOf[key]
    if (page) {
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

function exerciseIds(state: WorkbookState): string[] {
  return state.sections.flatMap((section) => section.exercises.map((exercise) => exercise.id))
}
