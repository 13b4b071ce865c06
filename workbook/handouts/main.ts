import { mkdirSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { argv, env, stderr, stdout } from "node:process"
import { parseArgs } from "node:util"
import { readCatalogue } from "../catalogue.ts"
import { isLanguage, type Language, systemLanguage } from "../language.ts"
import { findChromium } from "./chromium.ts"
import { handout } from "./handout.ts"
import { handoutWords } from "./words/index.ts"

const root = join(import.meta.dirname, "..", "..")
let language: Language = systemLanguage(env)

try {
  await run(argv.slice(2))
} catch (error) {
  stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}

async function run(values: readonly string[]): Promise<void> {
  const options = read(values)
  if (options.lang !== undefined) {
    if (!isLanguage(options.lang)) throw new Error(handoutWords[language].badLanguage(options.lang))
    language = options.lang
  }
  const words = handoutWords[language]
  if (options.help) {
    stdout.write(`${words.usage.join("\n")}\n`)
    return
  }
  const catalogue = readCatalogue(root, language)
  const sections = catalogue.sections.filter((section) => options.section === undefined || section.id === options.section)
  if (sections.length === 0) throw new Error(words.noSection(options.section ?? "", catalogue.sections.map(({ id }) => id).join(", ")))
  const answers = options.answers === true
  const directory = options.to ?? join(root, "handouts")
  mkdirSync(directory, { recursive: true })
  const name = ["waystation", options.section, answers ? "answers" : undefined, language].filter(Boolean).join("-")
  const file = join(directory, `${name}.html`)
  writeFileSync(file, await handout({ catalogue, sections, language, answers }))
  const shown = (path: string) => words.wrote(relative(process.cwd(), path))
  stdout.write(`${shown(file)}\n`)
  const browser = findChromium()
  if (!browser) {
    stdout.write(`${words.noChromium}\n`)
    return
  }
  stdout.write(`${words.printing}\n`)
  const { printPdf } = await import("./pdf.ts")
  const pdf = join(directory, `${name}.pdf`)
  await printPdf(browser, file, pdf)
  stdout.write(`${shown(pdf)}\n`)
}

function read(values: readonly string[]) {
  try {
    return parseArgs({
      args: [...values],
      options: {
        lang: { type: "string" },
        section: { type: "string" },
        to: { type: "string" },
        answers: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values
  } catch (error) {
    throw new Error(handoutWords[language].badOption((error as Error).message), { cause: error })
  }
}
