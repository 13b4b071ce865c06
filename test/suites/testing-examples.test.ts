import { globSync, readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { join } from "node:path"
import { expect, test } from "vitest"
import * as waystation from "#waystation"
import * as testing from "#waystation/testing"

const root = join(import.meta.dirname, "../..")
const given = { ...waystation, ...testing, expect }
const AsyncFunction = (async () => {}).constructor as new (...parameters: string[]) => (...values: unknown[]) => Promise<void>

/** The code under each `@example` of the fault kit, up to the next tag or the comment's end. */
function examples(): { name: string; code: string }[] {
  return globSync("broker/testing/*.ts", { cwd: root }).flatMap((path) => {
    const source = readFileSync(join(root, path), "utf8")
    return [...source.matchAll(/@example\n([\s\S]*?)(?=\n \*\n \* @|\n \*\/)/g)].map(([, comment = ""]) => ({
      name: path,
      code: comment.replaceAll(/^ \* ?/gm, ""),
    }))
  })
}

test.each(examples())("the example in $name does what it says", async ({ code }) => {
  await new AsyncFunction(...Object.keys(given), stripTypeScriptTypes(code))(...Object.values(given))
})

test("each of the kit's four ways in has an example", () => {
  expect(examples().map(({ name }) => name.split(/[\\/]/).at(-1))).toEqual(
    expect.arrayContaining(["clock.ts", "crash.ts", "publisher.ts", "simulate.ts"]),
  )
})
