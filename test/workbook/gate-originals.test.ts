import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { filesUnder, root, shippedCatalogue } from "./support/gates.ts"

// The exercises are the learner's to edit: what was shipped is the copy that `reset` restores.
const { exercises } = shippedCatalogue()

test("every exercise has its solution and its test, and there are no others", () => {
  const files = exercises.map((exercise) => exercise.file).sort()
  const numbered = (paths: string[]) => paths.filter((path) => /\/\d+-[^/]+\.ts$/.test(path))
  expect(numbered(filesUnder("solutions"))).toEqual(files)
  expect(numbered(filesUnder("test/exercises")).map((path) => path.replace(/\.test\.ts$/, ".ts"))).toEqual(files)
})

test.each(exercises)("$id has at most 40 lines and imports nothing from beside its directory", ({ file }) => {
  const text = readFileSync(join(root, "workbook/originals", file), "utf8")
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(40)
  expect(text).not.toMatch(/from "\.\./)
})

// Elsewhere the difference is a learner's work. Whoever changes the workbook runs `npm run workbook:update`.
test.runIf(process.env.CI)("the exercises are as shipped", () => {
  expect(contents("exercises")).toEqual(contents("workbook/originals"))
})

function contents(directory: string): Record<string, string> {
  const files = filesUnder(directory).filter((path) => path.endsWith(".ts"))
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(root, directory, path), "utf8")]))
}
