import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/**
 * The broker's tests under Deno and Bun, and the packed package in a plain JavaScript project on all three runtimes:
 * `npm run test:runtimes`. The runtimes come from npm at the first run.
 */
const versions = { deno: "2.9.6", bun: "1.4.5" }

const root = join(import.meta.dirname, "..")
const windows = process.platform === "win32"
const cache = join(root, ".cache", `deno-${versions.deno}-bun-${versions.bun}`)
const runtime = (name: keyof typeof versions) => join(cache, "node_modules", ".bin", name)

step(`Fetching Deno ${versions.deno} and Bun ${versions.bun}`, fetchRuntimes)
step("The broker's tests under Deno", () => {
  const vitest = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config",
    "test/vitest.config.ts",
    "--project=broker",
    "--reporter=dot",
    "test/broker/",
  ]
  run(runtime("deno"), ["run", "--allow-all", ...vitest])
})
step("The broker's tests under Bun", () => {
  // Bun runs all files in one process otherwise, and one file's leftovers could hide or cause another's failure.
  for (const file of testFiles("test/broker")) run(runtime("bun"), ["test", `./${file}`])
})
step("The package in a plain JavaScript project", tryPackage)

function fetchRuntimes(): void {
  if (existsSync(runtime("deno")) && existsSync(runtime("bun"))) return
  mkdirSync(cache, { recursive: true })
  // npm lets only approved packages run the script that puts their binary in place.
  writeFileSync(
    join(cache, "package.json"),
    JSON.stringify({ private: true, dependencies: versions, allowScripts: { deno: true, bun: true } }),
  )
  run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], cache)
}

function tryPackage(): void {
  const project = mkdtempSync(join(tmpdir(), "waystation-package-"))
  try {
    run("npm", ["run", "--silent", "build"])
    run("npm", ["pack", "--pack-destination", project])
    const [tarball = ""] = readdirSync(project)
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
    run("npm", ["install", "--no-audit", "--no-fund", `./${tarball}`, "better-sqlite3"], project)
    cpSync(join(root, "test/suites/support/consumer.js"), join(project, "consumer.js"))
    run(process.execPath, ["consumer.js"], project)
    run(runtime("deno"), ["run", "--allow-all", "consumer.js"], project)
    run(runtime("bun"), ["consumer.js"], project)
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

function run(command: string, parameters: string[], cwd = root): void {
  execFileSync(command, parameters, { cwd, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", shell: windows })
}

function step(title: string, work: () => void): void {
  const begin = performance.now()
  process.stdout.write(`${title} … `)
  try {
    work()
  } catch (error) {
    const { message, stdout = "", stderr = "" } = error as Error & { stdout?: string; stderr?: string }
    console.log(`FAILED\n${stdout}${stderr}${message.split("\n")[0]}`)
    process.exit(1)
  }
  console.log(`ok, ${((performance.now() - begin) / 1000).toFixed(1)} s`)
}
