import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Catalogue, readCatalogue } from "../catalogue.ts"
import { isLanguage, type Language } from "../language.ts"
import type { WorkbookState } from "../state.ts"
import { chapterHtml } from "./render/chapter.ts"
import { contentsPage, type Frame, notFoundPage, sectionPage } from "./render/layout.ts"
import { pageWords } from "./words/index.ts"

/** The workbook as it is to be read: every section in every language, by table look-up. */
export class Reading {
  readonly #root: string
  readonly #state: () => WorkbookState
  readonly #catalogues = new Map<Language, Catalogue>()

  constructor(root: string, state: () => WorkbookState) {
    this.#root = root
    this.#state = state
  }

  contents(language: Language, nonce: string) {
    return contentsPage(this.#frame(language, "", nonce, pageWords[language].title))
  }

  /** @returns undefined if there is no such section */
  section(language: Language, id: string, nonce: string) {
    const state = this.#stateIn(language)
    const section = state.sections.find((entry) => entry.id === id)
    if (!section) return undefined
    const words = pageWords[language]
    const tasks = section.exercises.flatMap((exercise) => exercise.tasks)
    const text = chapterHtml(readFileSync(join(this.#root, section.chapter), "utf8"), {
      language,
      chapterAddress: (file) => this.#addressOf(language, file),
      underTask: (number) => {
        const task = tasks.find((entry) => entry.number === number)
        return task ? `<p class="task-state" data-task="${number}" data-state="${task.state}">${words.states[task.state]}</p>\n` : ""
      },
      inPrediction: () => '<div class="prediction"></div>\n',
    })
    return sectionPage(this.#frame(language, id, nonce, `${id} ${section.title}`), section, text)
  }

  notFound(language: Language, nonce: string) {
    return notFoundPage(this.#frame(language, "", nonce, pageWords[language].notFound))
  }

  #frame(language: Language, address: string, nonce: string, title: string): Frame {
    return { language, address, nonce, title, kind: address ? "section" : "contents", state: this.#stateIn(language) }
  }

  #addressOf(language: Language, file: string): string | undefined {
    const section = this.#catalogue(language).sections.find((entry) => `${entry.name}.md` === file)
    return section && `/${language}/${section.id}`
  }

  #catalogue(language: Language): Catalogue {
    const known = this.#catalogues.get(language) ?? readCatalogue(this.#root, language)
    this.#catalogues.set(language, known)
    return known
  }

  /** The workbook's state, its sections and tasks named in the page's language. */
  #stateIn(language: Language): WorkbookState {
    const state = this.#state()
    if (state.language === language) return state
    const sections = this.#catalogue(language).sections.map((section) => {
      const known = state.sections.find((entry) => entry.id === section.id)
      const exercises = section.exercises.map((exercise) => {
        const old = known?.exercises.find((entry) => entry.id === exercise.id)
        const tasks = exercise.tasks.map(({ number, title }) => {
          return { number, title, state: old?.tasks.find((task) => task.number === number)?.state ?? ("open" as const) }
        })
        return { id: exercise.id, path: old?.path ?? "", done: old?.done ?? false, tasks }
      })
      const { id, title, minutes, chapter } = section
      return { id, title, minutes, chapter, exercises }
    })
    const title = sections.find((section) => section.id === state.current.section.id)?.title ?? ""
    return { ...state, language, sections, current: { ...state.current, section: { id: state.current.section.id, title } } }
  }
}

/** The language that the browser asks for first. */
export function acceptedLanguage(header: string | undefined, fallback: Language): Language {
  const asked = (header ?? "").split(",").map((part) => part.trim().slice(0, 2).toLowerCase())
  return asked.find(isLanguage) ?? fallback
}
