import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** The command lines of the runtimes that are there: this one, and those that were fetched. */
export function runtimes(): { name: string; command: readonly string[] }[] {
  return [
    { name: "node", command: [process.execPath] },
    ...(existsSync(runtimePath("deno")) ? [{ name: "deno", command: [runtimePath("deno"), "run", "--allow-all"] }] : []),
    ...(existsSync(runtimePath("bun")) ? [{ name: "bun", command: [runtimePath("bun")] }] : []),
  ]
}

export const versions = { deno: "2.9.6", bun: "1.4.5" }

const cache = join(import.meta.dirname, "../../..", ".cache", `deno-${versions.deno}-bun-${versions.bun}`)

export function runtimePath(name: keyof typeof versions): string {
  return join(cache, "node_modules", ".bin", name)
}

/** From npm, at the first time. */
export function fetchRuntimes(): "here already" | "fetched" {
  if (existsSync(runtimePath("deno")) && existsSync(runtimePath("bun"))) return "here already"
  mkdirSync(cache, { recursive: true })
  // npm lets only approved packages run the script that puts their binary in place.
  writeFileSync(
    join(cache, "package.json"),
    JSON.stringify({ private: true, dependencies: versions, allowScripts: { deno: true, bun: true } }),
  )
  const parameters = ["install", "--no-audit", "--no-fund", "--no-package-lock"]
  execFileSync("npm", parameters, { cwd: cache, stdio: ["ignore", "ignore", "pipe"], shell: process.platform === "win32" })
  return "fetched"
}
