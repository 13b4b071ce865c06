import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { type Language, languages } from "#workbook/language.ts"
import type { ExerciseResult } from "#workbook/result.ts"
import { Runner } from "#workbook/running/runner.ts"
import { failureText, filesUnder, root, shippedCatalogue, type WrongAnswer, wrongAnswersTo } from "./support/gates.ts"

// These start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const { exercises } = shippedCatalogue()
const answers = exercises.flatMap(wrongAnswersTo)
const runner = new Runner(root)
const results: Record<string, ExerciseResult[]> = {}

// The reviewed text is of a run before this one: to find the same words again, whatever the order, is to agree with it.
beforeAll(async () => {
  const jobs = answers.map((answer) => answer.job)
  for (const language of languages) results[language] = await runner.run(jobs, { language, shuffle: true })
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
    for (const language of languages) expectCaught(answer, resultOf(answer, language))
  })

  test.each(languages)("fails in the words that were reviewed (%s)", (language) => {
    expect(failureText(resultOf(answer, language))).toBe(readFileSync(join(root, `${answer.path}.${language}.txt`), "utf8"))
  })

  test("fails at the same tasks in both languages", () => {
    expect(statesOf(resultOf(answer, "ko"))).toEqual(statesOf(resultOf(answer, "en")))
  })
})

function resultOf(answer: WrongAnswer, language: Language): ExerciseResult {
  return results[language]?.[answers.indexOf(answer)] as ExerciseResult
}

function statesOf(result: ExerciseResult): unknown {
  return result.state === "ran" ? result.tasks.map(({ number, state }) => [number, state]) : result.state
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
