import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { figure, isLong, shortOrLong } from "./support/figure.ts"
import { runtimes } from "./support/runtimes.ts"

const program = join(import.meta.dirname, "programs/histories.ts")

test("T4: one seed is one history, in every process and on every runtime", { timeout: 600_000 }, async () => {
  const there = runtimes()
  if (isLong) expect(there, "npm run test:long fetches them").toHaveLength(3)
  // With one runtime alone, twice in it: another process, another time of day, another zone.
  const runs = there.length > 1 ? there : [...there, ...there]
  const digests = await Promise.all(runs.map(({ command }, index) => histories(command, index === 0 ? "UTC" : "Asia/Seoul")))
  const [first = []] = digests
  const same = first.filter((line, index) => digests.every((lines) => lines[index] === line)).length
  figure("T4", { runtimes: runs.map(({ name }) => name).join(","), histories: first.length, same })
  expect(first.length).toBe(2 * seeds)
  expect(same).toBe(first.length)
})

const seeds = shortOrLong(10, 50)

async function histories([command = "", ...parameters]: readonly string[], zone: string): Promise<string[]> {
  const options = { env: { ...process.env, TZ: zone } }
  const { stdout } = await promisify(execFile)(command, [...parameters, program, String(seeds)], options)
  return stdout.trim().split("\n")
}
