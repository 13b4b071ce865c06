import { execFileSync, spawn } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { projectWithPackage } from "./support/installed-package.ts"
import { examplesOf, writeExampleTests } from "./support/readme-examples.ts"

const root = join(import.meta.dirname, "../..")
let project = ""

beforeAll(() => {
  project = projectWithPackage()
}, 60_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

// Those of README.ko.md are the same (below).
for (const { title, code } of examplesOf("README.md").filter(({ kind }) => kind === "js")) {
  test(title, async () => {
    const expected = [...code.matchAll(/\/\/ → (.+)/g)].map(([, line]) => line)
    expect(expected, "An example says what it prints").not.toEqual([])
    expect(await output(code, expected.length)).toEqual(expected)
  })
}

test("the examples of tests pass, by node --test and by vitest", () => {
  const byNode = writeExampleTests(project, "node:test")
  expect(byNode).toHaveLength(4)
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, NODE_COMPILE_CACHE, NO_COLOR: "1" }
  const run = (...parameters: string[]) => execFileSync(process.execPath, parameters, { cwd: project, encoding: "utf8", env })
  expect(run("--test", ...byNode)).toContain("pass 4")
  symlinkSync(join(root, "node_modules/vitest"), join(project, "node_modules/vitest"), "junction")
  expect(run("node_modules/vitest/vitest.mjs", "run", ...writeExampleTests(project, "vitest"))).toMatch(/Tests +4 passed/)
}, 60_000)

test("both READMEs have the same examples", () => {
  const [english, korean] = ["README.md", "README.ko.md"].map((readme) => examplesOf(readme).map(({ code }) => withoutComments(code)))
  expect(korean).toEqual(english)
})

test.each(["README.md", "README.ko.md"])("%s gives the defaults that the code documents", (readme) => {
  const words = (text: string): string[] => text.replaceAll(/[_,]/g, "").match(/["\w]+/g) ?? []
  const rows = readFileSync(join(root, readme), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|"))
  const sources = globSync("broker/**/*.ts", { cwd: root, exclude: ["broker/testing/**"] }).map((path) =>
    readFileSync(join(root, path), "utf8"),
  )
  const documented = sources.flatMap((source) => [...source.matchAll(/@default ((?:["{\d]|true|false).*) \*\/\n +(\w+)\?:/g)])
  expect(documented.length).toBeGreaterThan(10)
  const missing = documented.filter(([, value = "", option = ""]) => {
    const wanted = [option, ...words(value)]
    return !rows.some((row) => wanted.every((word) => words(row).includes(word)))
  })
  expect(missing.map(([, value, option]) => `${option}: ${value}`)).toEqual([])
})

function withoutComments(code: string): string {
  return code.replaceAll(/ *\/\/ (?!→).*/g, "")
}

/** Runs the program until it has printed so many lines: most examples consume, and would never end by themselves. */
async function output(code: string, lines: number): Promise<string[]> {
  const directory = join(project, crypto.randomUUID())
  mkdirSync(directory)
  writeFileSync(join(directory, "example.js"), code)
  const child = spawn(process.execPath, ["example.js"], { cwd: directory })
  let printed = ""
  let complaints = ""
  child.stderr.on("data", (chunk) => {
    complaints += chunk
  })
  child.stdout.on("data", (chunk) => {
    printed += chunk
    if (printed.split("\n").length > lines) child.kill()
  })
  await new Promise((resolve) => child.on("close", resolve))
  expect(complaints).toBe("")
  return printed.trimEnd().split("\n")
}
