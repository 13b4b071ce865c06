import { isAbsolute, join } from "node:path"
import type { Plugin } from "vitest/config"

/** The package itself: the exercises of another root (a test's) run on this broker, too. */
const packageRoot = join(import.meta.dirname, "..", "..")

const ownImports: readonly [prefix: string, path: string][] = [
  ["#waystation/testing", "broker/testing/index.ts"],
  ["#waystation", "broker/index.ts"],
  ["#workbook/", "workbook/"],
]

/**
 * Leads `#work/…` to the version of the code that the importing test asks for with `?work=…`: a directory, or one file in
 * the place of one exercise. So one run can hold the learner's code, the solution and every wrong answer.
 */
export function workPlugin(root: string): Plugin {
  return {
    name: "waystation-work",
    enforce: "pre",
    resolveId(specifier, importer) {
      if (specifier.startsWith("#work/")) {
        const work = new URLSearchParams(importer?.split("?")[1]).get("work") ?? "exercises"
        return at(root, work.endsWith(".ts") ? work : `${work}/${specifier.slice("#work/".length)}`)
      }
      const own = ownImports.find(([prefix]) => specifier === prefix || (prefix.endsWith("/") && specifier.startsWith(prefix)))
      return own ? join(packageRoot, own[1] + specifier.slice(own[0].length)) : undefined
    },
  }
}

function at(root: string, path: string): string {
  return isAbsolute(path) ? path : join(root, path)
}
