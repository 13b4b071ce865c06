import { afterAll, expect, test } from "vitest"
import { allPassed } from "#workbook/result.ts"
import { Runner } from "#workbook/running/runner.ts"
import { root, shippedCatalogue } from "./support/gates.ts"

const { exercises } = shippedCatalogue()
const runner = new Runner(root)

afterAll(() => runner.stop())

test.each([1, 2, 3, 20_260, 987_654_321])("every solution passes in the order and with the chance of seed %i", async (seed) => {
  const jobs = exercises.map(({ file }) => ({ file, work: "solutions" }))
  const results = await runner.run(jobs, { language: seed % 2 ? "ko" : "en", seed, shuffle: true })
  for (const [index, { id, tasks }] of exercises.entries()) {
    const result = results[index]
    const passed = allPassed(
      result,
      tasks.map((task) => task.number),
    )
    expect(passed, `${id}: ${JSON.stringify(result)}`).toBe(true)
  }
})

test("the tests of an exercise speak of its tasks and of no other", async () => {
  const results = await runner.run(
    exercises.map(({ file }) => ({ file, work: "solutions" })),
    { language: "en" },
  )
  for (const [index, { id, tasks }] of exercises.entries()) {
    const result = results[index]
    const tested = result?.state === "ran" ? result.tasks.map((task) => task.number) : []
    expect(tested, id).toEqual(tasks.map((task) => task.number))
  }
})
