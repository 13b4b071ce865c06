import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { writeExampleTests } from "./suites/support/readme-examples.ts"
import { fetchRuntimes, runtimePath, versions } from "./suites/support/runtimes.ts"

/**
 * The broker's tests under Deno and Bun, all three runtimes at work on one file, and the packed package in a plain JavaScript
 * project on each: `npm run test:runtimes`. The runtimes come from npm at the first run.
 */
const root = join(import.meta.dirname, "..")
const vitest = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--config",
  "test/vitest.config.ts",
  "--project=broker",
  "--project=suites",
  "--reporter=dot",
]
/** What hangs is stopped. Bun's own limit cannot: its expect(…).rejects waits synchronously, so that nothing else runs meanwhile. */
const limitMs = 300_000
const windows = process.platform === "win32"

step(`Fetching Deno ${versions.deno} and Bun ${versions.bun}`, fetchRuntimes)
step("The broker's tests under Deno", () => {
  const output = run(runtimePath("deno"), ["run", "--allow-all", ...vitest, "test/broker/"])
  return `${/Tests +(\d+) passed/.exec(output)?.[1]} tests`
})
step("The broker's tests under Bun", () => {
  // Bun runs all files in one process otherwise, and one file's leftovers could hide or cause another's failure.
  const outputs = testFiles("test/broker").map((file) => run(runtimePath("bun"), ["test", `./${file}`]))
  const passed = outputs.map((output) => Number(/^ *(\d+) pass$/m.exec(output)?.[1]))
  return `${passed.reduce((sum, count) => sum + count, 0)} tests`
})
step("Node, Deno and Bun on one file, and one history on each", () => {
  const env = { WAYSTATION_RUNTIMES: [process.execPath, runtimePath("deno"), runtimePath("bun")].join(delimiter) }
  const output = run(
    process.execPath,
    [...vitest, "--mode=long", "test/broker/processes.test.ts", "test/suites/t04-same-history.test.ts"],
    { env },
  )
  return `${/Tests +(\d+) passed/.exec(output)?.[1]} tests, ${/^\W*(T4 .*)$/m.exec(output)?.[1]}`
})
step("The package in a plain JavaScript project", tryPackage)

function tryPackage(): string {
  const project = mkdtempSync(join(tmpdir(), "waystation-package-"))
  try {
    run("npm", ["run", "--silent", "build"])
    run("npm", ["pack", "--pack-destination", project])
    const [tarball = ""] = readdirSync(project)
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
    run("npm", ["install", "--no-audit", "--no-fund", `./${tarball}`, "better-sqlite3"], { cwd: project })
    cpSync(join(root, "test/suites/support/consumer.js"), join(project, "consumer.js"))
    run(process.execPath, ["consumer.js"], { cwd: project })
    run(runtimePath("deno"), ["run", "--allow-all", "consumer.js"], { cwd: project })
    run(runtimePath("bun"), ["consumer.js"], { cwd: project })
    const tests = writeExampleTests(project, "node:test")
    run(process.execPath, ["--test", ...tests], { cwd: project })
    run(runtimePath("deno"), ["test", "--allow-all", ...tests], { cwd: project })
    run(runtimePath("bun"), ["test", ...tests.map((name) => `./${name}`)], { cwd: project })
    return `on Node, Deno and Bun, with the ${tests.length} tests of the README`
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

function testFiles(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
  return names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .sort()
}

/** @returns what it printed */
function run(command: string, parameters: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): string {
  const cwd = options.cwd ?? root
  const env = { ...process.env, NO_COLOR: "1", ...options.env }
  const { error, status, stdout, stderr } = spawnSync(command, parameters, { cwd, env, encoding: "utf8", shell: windows, timeout: limitMs })
  if (error || status !== 0) throw new Error(`${stdout}${stderr}\n${command} ${parameters.join(" ")}: ${error ?? `exit code ${status}`}`)
  return stdout + stderr
}

/** `work` says in a word what it did. */
function step(title: string, work: () => string): void {
  const begin = performance.now()
  process.stdout.write(`${title} … `)
  try {
    const done = work()
    console.log(`ok, ${done}, ${((performance.now() - begin) / 1000).toFixed(1)} s`)
  } catch (error) {
    console.log(`FAILED\n${(error as Error).message}`)
    process.exit(1)
  }
}
