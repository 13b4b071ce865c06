import { diffLines } from "diff"

/** One thing that a file declares at its left margin: its code, without comments. */
interface Declaration {
  readonly name: string
  readonly code: string
}

const declares = /^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\*?|const|let|class|interface|type)\s+([\w$]+)/

/**
 * The lines that lead from the learner's code to the solution's, " ", "-" or "+" before each, of what the task asks for and nothing else:
 * the functions that wait for it in the original, what helps them, and the imports that they lack. Without a task, of the whole file.
 * Empty if they are the same.
 */
export function differenceOfTask(learners: string, solution: string, original: string, task?: number): string[] {
  const shipped = declarations(original)
  const waiting = shipped.filter(({ code }) => code.includes(task === undefined ? "new Todo(" : `new Todo(${task})`))
  // An exercise that passes from the beginning waits for nothing.
  const asked = (waiting.length > 0 ? waiting : shipped).map(({ name }) => name)
  const helpers = (declared: readonly Declaration[]) => declared.filter(({ name }) => !shipped.some((one) => one.name === name))
  const [mine, theirs] = [declarations(learners), declarations(solution)].map((declared) => codeOf(asked, declared, helpers(declared)))
  const lines = diffLines(`${mine}\n`, `${theirs}\n`).flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => `${added ? "+" : removed ? "-" : " "}${line}`),
  )
  const imports = lackingImports(learners, solution, theirs ?? "").flatMap((line) => line.split("\n").map((part) => `+${part}`))
  if (mine === theirs && imports.length === 0) return []
  return [...imports, ...(imports.length > 0 ? [" "] : []), ...lines.filter((line) => line !== "-" && line !== "+")]
}

/** The code of the names, and of the helpers that it speaks of. */
function codeOf(names: readonly string[], declared: readonly Declaration[], helpers: readonly Declaration[]): string {
  const chosen = new Set(declared.filter(({ name }) => names.includes(name)))
  for (const one of chosen) for (const helper of helpers) if (speaksOf(one.code, helper.name)) chosen.add(helper)
  return declared
    .filter((one) => chosen.has(one))
    .map(({ code }) => code)
    .join("\n\n")
}

function declarations(source: string): Declaration[] {
  const found: { name: string; lines: string[] }[] = []
  for (const line of withoutComments(source)) {
    const name = declares.exec(line)?.[1]
    if (name) found.push({ name, lines: [line] })
    else if (/^import\b/.test(line)) found.push({ name: "", lines: [] })
    else found.at(-1)?.lines.push(line)
  }
  return found.filter(({ name }) => name).map(({ name, lines }) => ({ name, code: lines.join("\n").trim() }))
}

/** Lines that are nothing but a comment go; a comment behind code stays. */
function withoutComments(source: string): string[] {
  const lines = source.replaceAll("\r\n", "\n").split("\n")
  let within = false
  return lines.filter((line) => {
    const comment = within || /^\s*\/[/*]/.test(line)
    if (within || /^\s*\/\*/.test(line)) within = !line.includes("*/")
    return !comment
  })
}

const importing = /^import (?:type )?(?:\{([^}]*)\}|(?:\* as )?([\w$]+)) from .*$/gm

function importsOf(source: string): { statement: string; names: string[] }[] {
  return [...source.matchAll(importing)].map(([statement, list, one = ""]) => {
    const names = list === undefined ? [one] : list.split(",").map((part) => (part.trim().split(/\s+/).at(-1) ?? "").trim())
    return { statement, names: names.filter((name) => name) }
  })
}

function lackingImports(learners: string, solution: string, code: string): string[] {
  const have = new Set(importsOf(learners).flatMap(({ names }) => names))
  const lacks = (names: readonly string[]) => names.some((name) => !have.has(name) && speaksOf(code, name))
  return importsOf(solution).flatMap(({ statement, names }) => (lacks(names) ? [statement] : []))
}

function speaksOf(code: string, name: string): boolean {
  return code.split(/[^\w$]+/).includes(name)
}
