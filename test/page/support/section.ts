import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Language, languages } from "#workbook/language.ts"

export const projectRoot = join(import.meta.dirname, "../../..")

export interface SectionWorkbook extends Disposable {
  readonly root: string
  /** The code of a wrong answer, and the words in which its first failure is told. */
  wrongAnswer(file: string, name: string, language: Language): { code: string; headline: string }
  solution(file: string): string
}

/** One section of the workbook as it is shipped, in a directory of its own, for a learner who has done nothing yet. */
export function sectionWorkbook(name: string): SectionWorkbook {
  const root = mkdtempSync(join(tmpdir(), "waystation-section-"))
  const copy = (from: string, to = from) => cpSync(join(projectRoot, from), join(root, to), { recursive: true })
  for (const language of languages) copy(`chapters/${language}/${name}.md`)
  for (const place of ["workbook/originals", "solutions", "test/exercises"]) copy(`${place}/${name}`)
  copy("test/exercises/support")
  for (const place of ["package.json", "broker", `chapters/programs/${name}`]) copy(place)
  copy(`workbook/originals/${name}`, `exercises/${name}`)
  symlinkSync(join(projectRoot, "node_modules"), join(root, "node_modules"), "junction")
  const read = (path: string) => readFileSync(join(projectRoot, path), "utf8")
  return {
    root,
    wrongAnswer: (file, answer, language) => {
      const place = `test/wrong-answers/${name}/${file.replace(/\.ts$/, "")}/${answer}`
      return { code: read(`${place}.ts`), headline: read(`${place}.${language}.txt`).split("\n")[1] ?? "" }
    },
    solution: (file) => read(`solutions/${name}/${file}`),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** The same section many times over, under other numbers: a workbook as long as the whole one. */
export function manySections(count: number): { root: string } & Disposable {
  const root = mkdtempSync(join(tmpdir(), "waystation-many-"))
  symlinkSync(join(projectRoot, "node_modules"), join(root, "node_modules"), "junction")
  const place = "3.3.5-competing-receivers-and-order"
  for (let number = 1; number <= count; number++) {
    const [id, name] = [`4.${number}`, `4.${number}-copy`]
    for (const from of ["workbook/originals", "solutions"]) {
      for (const to of from === "solutions" ? [from] : [from, "exercises"])
        cpSync(join(projectRoot, from, place), join(root, to, name), { recursive: true })
    }
    for (const language of languages) {
      const path = join(root, "chapters", language, `${name}.md`)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, readFileSync(join(projectRoot, "chapters", language, `${place}.md`), "utf8").replaceAll('"3.3.5', `"${id}`))
    }
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}
