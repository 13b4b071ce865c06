import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, test, vi } from "vitest"
import type { Exercise } from "#workbook/catalogue.ts"
import { languages } from "#workbook/language.ts"
import { type ExerciseResult, taskNumber } from "#workbook/result.ts"
import type { Job } from "#workbook/running/runner.ts"
import { isLong } from "../suites/support/figure.ts"
import {
  day,
  failureText,
  filesUnder,
  isItsTurn,
  patientRunner,
  root,
  shippedCatalogue,
  type WrongAnswer,
  wrongAnswersTo,
} from "./support/gates.ts"

// It starts a process: a busy machine may take its time.
vi.setConfig({ hookTimeout: 1_800_000 })

const { exercises } = shippedCatalogue()
const answers = exercises.flatMap(wrongAnswersTo)
const results = new Map<string, ExerciseResult>()

// All in one run, for each costs what loading the libraries costs.
beforeAll(async () => {
  const jobs = [
    ...exercises.map(originalJob),
    ...exercises.flatMap((exercise) => seedsOf(exercise).map((seed) => solutionJob(exercise, seed))),
  ]
  for (const language of languages) {
    for (const [index, answer] of answers.entries()) if (isItsTurn(index, language)) jobs.push(answerJob(answer, language))
  }
  const runner = patientRunner()
  const ran = await runner.run(jobs, { shuffleSeed: day, isolate: isLong })
  for (const [index, job] of jobs.entries()) results.set(JSON.stringify(job), ran[index] as ExerciseResult)
  await runner.stop()
})

describe.each(exercises)("$id", (exercise) => {
  const { section, tasks } = exercise
  const inState = (state: string) => ({ state: "ran", tasks: tasks.map(({ number }) => ({ number, state, failures: [] })), printed: "" })

  // The exercise is the learner's to edit: what was shipped is the copy that `reset` restores. It type-checks with the rest.
  test("as shipped loads, and each of its tasks waits", () => {
    expect(resultOf(originalJob(exercise))).toEqual(inState(section === "0-start-here" ? "passed" : "waiting"))
  })

  test.each(seedsOf(exercise))("every task of its solution passes, in any order, with the chance of seed %i", (seed) => {
    expect(resultOf(solutionJob(exercise, seed))).toEqual(inState("passed"))
  })

  test("has at least two wrong answers", () => {
    expect(wrongAnswersTo(exercise).length).toBeGreaterThanOrEqual(2)
  })
})

test("every wrong answer belongs to an exercise", () => {
  const files = filesUnder("test/wrong-answers").filter((path) => path.endsWith(".ts"))
  expect(files.map((path) => `test/wrong-answers/${path}`)).toEqual(answers.map((answer) => `${answer.path}.ts`).sort())
})

describe.each(answers)("$path", (answer) => {
  const ran = languages.filter((language) => isItsTurn(answers.indexOf(answer), language))

  test.each(ran)("fails at the task it names, by the test's own words (%s)", (language) => {
    const result = resultOf(answerJob(answer, language))
    expect(result?.state, JSON.stringify(result)).toBe("ran")
    if (result?.state !== "ran") return
    for (const number of answer.caughtBy) {
      const failures = result.tasks.find((task) => task.number === number)?.failures ?? []
      expect(failures, `task ${number}`).not.toEqual([])
      for (const { kind, words } of failures) {
        expect(kind, words).toBe("told")
        expect(words, "the anomaly comes first").toMatch(/^[A-Z]+: /)
      }
    }
  })

  // The reviewed text is of a run before this one: to find the same words again, whatever the order, is to agree with it.
  test.each(ran)("fails in the words that were reviewed (%s)", (language) => {
    const result = resultOf(answerJob(answer, language))
    const reviewed = reviewedFailures(answer, language).filter(({ title }) => isWanted(answer, title))
    expect(result && failureText(result)).toBe(reviewed.map(({ text }) => text).join("\n"))
  })

  test("fails in the same tests in both languages", () => {
    const [ko, en] = languages.map((language) => reviewedFailures(answer, language).map(({ title }) => title))
    expect(ko).toEqual(en)
  })
})

function originalJob({ file }: Exercise): Job {
  return { file, work: "workbook/originals", language: "en" }
}

/** Each day half of them are tried with another seed beside the first. */
function seedsOf(exercise: Exercise): number[] {
  if (isLong) return [1, 20_260, 987_654_321]
  return (exercises.indexOf(exercise) + day) % 2 === 0 ? [1, day] : [1]
}

function solutionJob({ file }: Exercise, seed: number): Job {
  return { file, work: "solutions", language: "en", seed }
}

/** Against the tests that caught it, in one language by turns; in the long form against all tests, in both. */
function answerJob(answer: WrongAnswer, language: string): Job {
  const tests = reviewedFailures(answer, language).flatMap(({ title }) => (isWanted(answer, title) ? [title] : []))
  return { ...answer.job, language, ...(!isLong && { tests }) }
}

function isWanted(answer: WrongAnswer, title: string): boolean {
  return isLong || answer.caughtBy.includes(taskNumber(title))
}

function resultOf(job: Job): ExerciseResult | undefined {
  return results.get(JSON.stringify(job))
}

/** "[2] knows a double", a line each, and below it what a learner reads. */
function reviewedFailures({ path }: WrongAnswer, language: string): { title: string; text: string }[] {
  const parts = readFileSync(join(root, `${path}.${language}.txt`), "utf8").split(/\n(?=\[\d+\] )/)
  return parts.map((text) => ({ title: text.slice(0, text.indexOf("\n")), text }))
}
