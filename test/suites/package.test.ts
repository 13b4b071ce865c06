import { execFileSync, spawnSync } from "node:child_process"
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

const root = join(import.meta.dirname, "../..")
const project = mkdtempSync(join(tmpdir(), "waystation-package-"))
const installed = join(project, "node_modules/waystation")
const npm = (parameters: string[], cwd: string) =>
  execFileSync("npm", parameters, { cwd, encoding: "utf8", shell: process.platform === "win32" })

/** The package as npm would install it, without asking the registry: what it depends on is linked from here. */
beforeAll(() => {
  const source = join(project, "source")
  mkdirSync(source)
  for (const file of ["package.json", "README.md", "README.ko.md", "CHANGELOG.md", "LICENSE"])
    copyFileSync(join(root, file), join(source, file))
  const compile = ["--project", ".config/tsconfig.build.json", "--outDir", join(source, "dist")]
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", ...compile], { cwd: root })
  npm(["pack", "--silent"], source)
  const [tarball = ""] = readdirSync(source).filter((name) => name.endsWith(".tgz"))
  mkdirSync(installed, { recursive: true })
  execFileSync("tar", ["-xzf", join(source, tarball), "--strip-components=1", "-C", installed])
  for (const name of ["@standard-schema", "@types", "better-sqlite3", "eventemitter3", "uuid"]) {
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name), "junction")
  }
  cpSync(join(root, "test/suites/support/consumer.js"), join(project, "consumer.js"))
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
}, 60_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe("the packed package", () => {
  test("is imported by plain JavaScript, and works", () => {
    expect(execFileSync(process.execPath, ["consumer.js"], { cwd: project, encoding: "utf8" })).toBe('{"order":1} number\n')
  })

  test("brings its types, for TypeScript's own resolution and a bundler's", () => {
    writeFileSync(join(project, "typed.ts"), 'import { openBroker } from "waystation"\nexport const wrong: string = openBroker\n')
    for (const [resolution, module] of [
      ["nodenext", "nodenext"],
      ["bundler", "esnext"],
    ] as const) {
      const options = ["--noEmit", "--strict", "--types", "node", "--ignoreConfig", "--moduleResolution", resolution, "--module", module]
      const { stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, "typed.ts"], {
        cwd: project,
        encoding: "utf8",
      })
      expect(stdout.trim().split("\n")).toEqual([expect.stringContaining("typed.ts(2,14): error TS2322")])
    }
  })

  test("holds no test, no TypeScript source and nothing of the workbook", () => {
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) => !/\.(js|d\.ts)$/.test(name))
    expect(files.filter((name) => name.includes("."))).toEqual(expect.arrayContaining(["package.json", "README.md"]))
    expect(files.filter((name) => name.endsWith(".ts"))).toEqual([])
    expect(readdirSync(installed).sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.ko.md", "README.md", "dist", "package.json"])
  })

  // Only where such a Node is at hand, as on a machine that runs this by "npm test" with Node 20 on the path.
  const tooOld = nodesOnPath().find((path) => majorOf(path) < 22)
  if (tooOld) {
    test("stops with one sentence on a Node that the driver would crash", () => {
      writeFileSync(join(project, "old.js"), 'import { openBroker } from "waystation"\nopenBroker(":memory:")\n')
      const { status, signal, stderr } = spawnSync(tooOld, ["old.js"], { cwd: project, encoding: "utf8" })
      expect({ status, signal }).toEqual({ status: 1, signal: null })
      expect(stderr).toMatch(/Waystation needs Node 22 or newer, and this is Node \d+\.\d+\.\d+: /)
    })
  }
})

function nodesOnPath(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"))
  return folders.map((folder) => join(folder, "node")).filter((path) => existsSync(path))
}

function majorOf(node: string): number {
  return Number(execFileSync(node, ["--print", "process.versions.node.split('.')[0]"], { encoding: "utf8" }))
}
