import { readdirSync } from "node:fs"
import { join } from "node:path"
import { type Chapter, readChapter, type TaskPart } from "./chapter.ts"
import type { Language } from "./language.ts"

/** What the workbook has: sections in the notes' order, with their exercises. Nothing here depends on the learner. */
export interface Catalogue {
  readonly root: string
  readonly sections: readonly Section[]
  /** All exercises in order. */
  readonly exercises: readonly Exercise[]
}

export interface Section {
  /** "3.3.5" */
  readonly id: string
  /** "3.3.5-competing-receivers", the name of its directories. */
  readonly name: string
  readonly title: string
  readonly minutes: number
  /** From the root, with forward slashes. */
  readonly chapter: string
  readonly exercises: readonly Exercise[]
}

export interface Exercise {
  /** "3.3.5/competing-consumers" */
  readonly id: string
  readonly section: string
  /** "3.3.5-competing-receivers/1-competing-consumers.ts", under exercises/, solutions/ and workbook/originals/. */
  readonly file: string
  readonly chapter: string
  readonly tasks: readonly TaskPart[]
}

/** Reads chapters and originals. @throws {Error} that names the file whose form is wrong */
export function readCatalogue(root: string, language: Language): Catalogue {
  const sections = readdirSync(join(root, "chapters", language))
    .filter((file) => file.endsWith(".md"))
    .map((file) => section(root, language, file.slice(0, -".md".length)))
    .sort((one, other) => one.id.localeCompare(other.id, "en", { numeric: true }))
  return { root, sections, exercises: sections.flatMap((entry) => entry.exercises) }
}

function section(root: string, language: Language, name: string): Section {
  const chapter = `chapters/${language}/${name}.md`
  const read = readChapter(join(root, chapter))
  const exercises = exerciseFiles(join(root, "workbook", "originals", name)).map((file) => exercise(read, chapter, name, file))
  const { id, title, minutes } = read
  return { id, name, title, minutes, chapter, exercises }
}

/** The exercises in a section's directory, in their order. A file without a digit in front is none: a helper of the section. */
export function exerciseFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((file) => /^\d+-.+\.ts$/.test(file))
    .sort((one, other) => one.localeCompare(other, "en", { numeric: true }))
}

function exercise(chapter: Chapter, chapterPath: string, section: string, file: string): Exercise {
  const id = `${chapter.id}/${file.replace(/^\d+-|\.ts$/g, "")}`
  const entry = chapter.tasks.find((task) => task.exercise === id)
  if (!entry) throw new Error(`${chapterPath}: the front matter has no exercise "${id}".`)
  const tasks = entry.numbers.map((number) => {
    const part = chapter.taskParts.find((task) => task.number === number)
    if (!part) throw new Error(`${chapterPath}: there is no heading "## ${number}. …".`)
    return part
  })
  return { id, section, file: `${section}/${file}`, chapter: chapterPath, tasks }
}
