import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { type Language, languages } from "#workbook/language.ts"
import { type ExerciseResult, taskNumber } from "#workbook/result.ts"
import {
  everyGate,
  failureText,
  filesUnder,
  isItsTurn,
  patientRunner,
  root,
  shippedCatalogue,
  type WrongAnswer,
  wrongAnswersTo,
} from "./support/gates.ts"

// These start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 1_200_000 })

const { exercises } = shippedCatalogue()
const answers = exercises.flatMap(wrongAnswersTo)
const runner = patientRunner()
const results: Record<string, (ExerciseResult | undefined)[]> = {}

// The reviewed text is of a run before this one: to find the same words again, whatever the order, is to agree with it. Every answer
// runs against the tests of the tasks that it names, in one language by turns; with `WAYSTATION_GATES=all` in both languages against all tests.
beforeAll(async () => {
  for (const language of languages) {
    const runs = answers.map((_, index) => isItsTurn(index, language))
    const ran = await runner.run(
      answers.filter((_, index) => runs[index]).map((answer) => (everyGate ? answer.job : { ...answer.job, tasks: answer.caughtBy })),
      { language, shuffle: true, isolate: everyGate },
    )
    results[language] = runs.map((wanted) => (wanted ? ran.shift() : undefined))
  }
})

afterAll(() => runner.stop())

test.each(exercises)("$id has at least two wrong answers", (exercise) => {
  expect(wrongAnswersTo(exercise).length).toBeGreaterThanOrEqual(2)
})

test("every wrong answer belongs to an exercise", () => {
  const files = filesUnder("test/wrong-answers").filter((path) => path.endsWith(".ts"))
  expect(files.map((path) => `test/wrong-answers/${path}`)).toEqual(answers.map((answer) => `${answer.path}.ts`).sort())
})

describe.each(answers)("$path", (answer) => {
  test("fails at the task it names, by the test's own words", () => {
    const ran = languages.flatMap((language) => resultOf(answer, language) ?? [])
    expect(ran.length).toBeGreaterThan(0)
    for (const result of ran) expectCaught(answer, result)
  })

  test.each(languages)("fails in the words that were reviewed (%s)", (language) => {
    const result = resultOf(answer, language)
    const parts = reviewedText(answer, language).split(/\n(?=\[\d+\] )/)
    const ran = parts.filter((part) => everyGate || answer.caughtBy.includes(taskNumber(part)))
    if (result) expect(failureText(result)).toBe(ran.join("\n"))
  })

  test("fails in the same tests in both languages", () => {
    const titles = (language: Language) => reviewedText(answer, language).match(/^\[\d+\] .*$/gm)
    expect(titles("ko")).toEqual(titles("en"))
  })
})

function resultOf(answer: WrongAnswer, language: Language): ExerciseResult | undefined {
  return results[language]?.[answers.indexOf(answer)]
}

function reviewedText({ path }: WrongAnswer, language: Language): string {
  return readFileSync(join(root, `${path}.${language}.txt`), "utf8")
}

function expectCaught(answer: WrongAnswer, result: ExerciseResult): void {
  expect(result.state, JSON.stringify(result)).toBe("ran")
  if (result.state !== "ran") return
  for (const number of answer.caughtBy) {
    const failures = result.tasks.find((task) => task.number === number)?.failures ?? []
    expect(failures, `task ${number}`).not.toEqual([])
    for (const { kind, words } of failures) {
      expect(kind, words).toBe("told")
      expect(words, "the anomaly comes first").toMatch(/^[A-Z]+: /)
    }
  }
}
