import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { compile, projectWithPackage } from "./support/installed-package.ts"

let project = ""

beforeAll(() => {
  project = projectWithPackage()
}, 60_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

test("plain JavaScript imports the package, and it works", () => {
  cpSync(join(import.meta.dirname, "support/consumer.js"), join(project, "consumer.js"))
  expect(execFileSync(process.execPath, ["consumer.js"], { cwd: project, encoding: "utf8" })).toBe('{"order":1} number\n')
})

test("the package brings its types, for Node's resolution and for a bundler's", () => {
  writeFileSync(join(project, "typed.ts"), 'import { openBroker } from "waystation"\nexport const wrong: string = openBroker\n')
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--ignoreConfig", "--types", "node"]
  for (const resolution of ["--module nodenext", "--module esnext --moduleResolution bundler"]) {
    const errors = compile([...options, ...resolution.split(" "), "typed.ts"], project)
    expect(errors).toEqual([expect.stringContaining("typed.ts(2,14): error TS2322")])
  }
})

test("the package holds the library and nothing else", () => {
  const installed = join(project, "node_modules/waystation")
  expect(readdirSync(installed).sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.ko.md", "README.md", "dist", "package.json"])
  const code = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" }).filter((name) => name.includes("."))
  expect(code.filter((name) => !/(?<!\.test)\.(js|d\.ts)$/.test(name))).toEqual([])
})

// Only where such a Node is at hand: npm puts the one of this project before it on the path.
const tooOld = nodesOnPath().find((path) => majorVersion(path) < 22)
if (tooOld) {
  test("on a Node that the driver would crash, openBroker stops with one sentence", () => {
    writeFileSync(join(project, "old.js"), 'import { openBroker } from "waystation"\nopenBroker(":memory:")\n')
    const { status, signal, stderr } = spawnSync(tooOld, ["old.js"], { cwd: project, encoding: "utf8" })
    expect({ status, signal }).toEqual({ status: 1, signal: null })
    expect(stderr).toMatch(/Waystation needs Node 22.*, and this is Node \d+\.\d+\.\d+: /)
  })
}

function nodesOnPath(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"))
  return folders.map((folder) => join(folder, "node")).filter((path) => existsSync(path))
}

function majorVersion(node: string): number {
  return Number(execFileSync(node, ["--print", "process.versions.node.split('.')[0]"], { encoding: "utf8" }))
}
