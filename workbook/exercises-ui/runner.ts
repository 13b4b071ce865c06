import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { type RunnerTestCase, TestRunner } from "vitest"
import { readCatalogue } from "../catalogue.ts"
import { systemLanguage } from "../language.ts"
import { taskNumber } from "../result.ts"
import { wordsOf } from "../words/index.ts"

const language = systemLanguage(process.env)
const words = wordsOf[language]
process.env.WAYSTATION_LANG ??= language

const catalogue = readCatalogue(join(import.meta.dirname, "..", ".."), language)

/** Attaches to each failing test its hints and its trace. Only a runner can: a hook comes when the test is over. */
export default class AnnotatingRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    try {
      await TestRunner.getTestFn(test)()
    } catch (error) {
      await annotate(test, error)
      throw error
    }
  }
}

async function annotate(test: RunnerTestCase, error: unknown): Promise<void> {
  const section = basename(dirname(test.file.filepath))
  const file = `${section}/${basename(test.file.filepath).replace(/\.test\.ts$/, ".ts")}`
  const exercise = catalogue.exercises.find((entry) => entry.file === file)
  const hints = exercise?.tasks.find((entry) => entry.number === taskNumber(test.name))?.hints ?? []
  for (const [index, hint] of hints.entries()) await test.context.annotate(`${words.hint(index + 1, hints.length + 1)}: ${hint}`, "hint")
  const path = (error as { tracePath?: unknown } | undefined)?.tracePath
  if (typeof path !== "string" || !existsSync(path)) return
  await test.context.annotate(words.trace, "trace", { body: readFileSync(path), contentType: "application/jsonl" })
}
