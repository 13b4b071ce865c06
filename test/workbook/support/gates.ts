import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { type Catalogue, type Exercise, readCatalogue } from "#workbook/catalogue.ts"
import { type Language, languages } from "#workbook/language.ts"
import type { ExerciseResult } from "#workbook/result.ts"
import { type Job, Runner } from "#workbook/running/runner.ts"
import { isLong } from "../../suites/support/figure.ts"

export const root: string = join(import.meta.dirname, "..", "..", "..")

/** Who writes a section looks at that one only: `WAYSTATION_SECTIONS=3.2.1,3.2.2`. Unset, as in every run that counts: all of them. */
const sectionsWanted = process.env.WAYSTATION_SECTIONS?.split(",")

/** Where not everything is run (`npm run test:long` does), each day tries another sample. */
export const day: number = Math.floor(Date.now() / 86_400_000)

/** Whether the one of this number is run in this language: each day in the other one, and in the long form in both. */
export function isItsTurn(index: number, language: Language): boolean {
  return isLong || (index + day) % 2 === languages.indexOf(language)
}

/** The one of the day, and in the long form both: for what costs the most. */
export const languagesInTurn: readonly Language[] = languages.filter((language) => isItsTurn(0, language))

/** Whether a section's directory, or a file below it, is looked at in this run. */
export function isLookedAt(path: string): boolean {
  return sectionsWanted?.some((id) => path.startsWith(`${id}-`)) ?? true
}

/** The sections with the headings of one language; what is compared is the same in both. */
export function shippedCatalogue(language: Language = "en"): Catalogue {
  const all = readCatalogue(root, language)
  const sections = all.sections.filter((section) => isLookedAt(section.name))
  return { ...all, sections, exercises: sections.flatMap((section) => section.exercises) }
}

/** A run of hundreds may be without a sign of life for longer than a learner's, on a busy machine. */
export const patientRunner = (): Runner => new Runner(root, 60_000)

/** A plausible mistake, and the tasks that must find it. */
export interface WrongAnswer {
  readonly exercise: Exercise
  /** From the root, without ".ts": the failure texts stand beside it. */
  readonly path: string
  readonly job: Pick<Job, "file" | "work">
  readonly ko: string
  readonly en: string
  readonly caughtBy: readonly number[]
}

export function wrongAnswersTo(exercise: Exercise): WrongAnswer[] {
  const directory = `test/wrong-answers/${exercise.file.replace(/\.ts$/, "")}`
  if (!existsSync(join(root, directory))) return []
  const files = readdirSync(join(root, directory)).filter((file) => file.endsWith(".ts"))
  return files.sort().map((file) => wrongAnswer(exercise, `${directory}/${file}`))
}

/** The paths, from a directory of sections, of the files in it and below; what begins with a dot is the learner's. */
export function filesUnder(directory: string): string[] {
  const entries = readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(root, directory), join(entry.parentPath, entry.name)))
  return paths
    .map((path) => path.split(sep).join("/"))
    .filter((path) => !path.split("/").some((part) => part.startsWith(".")) && isLookedAt(path))
    .sort()
}

function wrongAnswer(exercise: Exercise, path: string): WrongAnswer {
  const [ko, en, caughtBy] = readFileSync(join(root, path), "utf8").split("\n")
  const tasks = [...(caughtBy ?? "").matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]))
  const named = ko?.startsWith("// ko: ") && en?.startsWith("// en: ") && caughtBy?.startsWith("// caught by: ") && tasks.length > 0
  if (!named) throw new Error(`${path} must begin with the lines "// ko: …", "// en: …" and "// caught by: [n]".`)
  return {
    exercise,
    path: path.replace(/\.ts$/, ""),
    job: { file: exercise.file, work: path },
    ko: ko as string,
    en: en as string,
    caughtBy: tasks,
  }
}

/** What a learner would read of every task that fails: the reviewed text beside a wrong answer. */
export function failureText(result: ExerciseResult): string {
  if (result.state !== "ran") return `${JSON.stringify(result)}\n`
  const parts = result.tasks.flatMap(({ number, failures }) => failures.map(({ test, words }) => `[${number}] ${test}\n${words}\n`))
  return parts.join("\n")
}
