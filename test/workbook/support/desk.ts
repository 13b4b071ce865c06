import pico from "picocolors"
import type { Language } from "#workbook/language.ts"
import type { ExerciseResult } from "#workbook/result.ts"
import { Desk } from "#workbook/terminal/desk.ts"
import { wordsOf } from "#workbook/words/index.ts"
import { Workbook } from "#workbook/workbook.ts"
import { sampleWorkbook } from "./sample.ts"
import { scriptedRunner } from "./scripted-runner.ts"

const numbers = { "0-set-up/1-one.ts": [1], "1.1-numbers/1-doubling.ts": [1, 2], "1.1-numbers/2-tripling.ts": [3] }

/** A sample whose code says in comments how its tasks do, see `scriptedRunner`. */
export function scriptedSample(): ReturnType<typeof sampleWorkbook> {
  const sample = sampleWorkbook()
  sample.write("exercises/0-set-up/1-one.ts", "// 1 passed")
  return sample
}

/** A desk at the sample's first red exercise; `result`, if given, is what a run of the doubling comes to. */
export async function deskOf(
  root: string,
  language: Language,
  result?: ExerciseResult,
  colors = pico.createColors(false),
): Promise<{ desk: Desk; workbook: Workbook }> {
  const scripted = scriptedRunner(root, numbers)
  const run: typeof scripted.run = async (jobs) => {
    return result && jobs[0]?.file.startsWith("1.1-numbers/1") ? [result] : await scripted.run(jobs)
  }
  const workbook = new Workbook({ root, language, runner: { ...scripted, run } })
  const desk = new Desk(workbook, { words: wordsOf[language], colors })
  await workbook.start()
  return { desk, workbook }
}

export const textOf = (desk: Desk): string => desk.view().lines.join("\n")
