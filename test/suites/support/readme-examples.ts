import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import MarkdownIt from "markdown-it"

const root = join(import.meta.dirname, "../../..")

export interface Example {
  /** The heading above it. */
  readonly title: string
  /** A program that prints what its comments say, or tests for whatever runner. */
  readonly kind: "js" | "js test"
  readonly code: string
}

export function examplesOf(readme: string): Example[] {
  const examples: Example[] = []
  const tokens = new MarkdownIt().parse(readFileSync(join(root, readme), "utf8"), {})
  let title = ""
  for (const [index, { type, info, content }] of tokens.entries()) {
    if (tokens[index - 1]?.type === "heading_open") title = content
    if (type === "fence" && (info === "js" || info === "js test")) examples.push({ title, kind: info, code: content })
  }
  return examples
}

/** Writes the README's tests into the project, for the runner named. Returns the files' names. */
export function writeExampleTests(project: string, runner: "node:test" | "vitest"): string[] {
  const tests = examplesOf("README.md").filter(({ kind }) => kind === "js test")
  return tests.map(({ code }, index) => {
    const name = `readme-${index + 1}.test.js`
    writeFileSync(join(project, name), code.replace('from "node:test"', `from "${runner}"`))
    return name
  })
}
