import { dirname, join } from "node:path/posix"

/** The project's files: text by path from the root. Each rule returns what breaks it, one sentence for each place. */
export type Files = ReadonlyMap<string, string>

export function tooLong(files: Files, linesMax: number): string[] {
  return [...files].flatMap(([path, text]) => {
    const lines = text.trimEnd().split("\n").length
    return lines > linesMax ? [`${path} has ${lines} lines, and ${linesMax} are the most`] : []
  })
}

/** Rows from the bottom up: a file imports from rows below its own only. "name/" is a folder, whose files may use each other. */
export function upwardImports(files: Files, folder: string, rows: readonly (readonly string[])[]): string[] {
  const rowOf = (path: string) => {
    const name = path.slice(folder.length).replace(/\.ts$/, "")
    return rows.findIndex((row) => row.some((entry) => (entry.endsWith("/") ? name.startsWith(entry) : name === entry)))
  }
  return [...files.keys()].flatMap((path) => {
    if (rowOf(path) === -1) return [`${path} has no row`]
    const isSibling = (target: string) =>
      dirname(target) === dirname(path) && rows[rowOf(path)]?.includes(`${dirname(path).slice(folder.length)}/`)
    const above = importsOf(files, path).filter((target) => rowOf(target) >= rowOf(path) && !isSibling(target))
    return above.map((target) => `${path} imports ${target}, which is not below it`)
  })
}

/** Files whose path begins with `from` reach none that begins with `to`, not even by way of others. */
export function forbiddenReach(files: Files, from: string, to: string): string[] {
  return [...files.keys()].flatMap((path) => {
    if (!path.startsWith(from)) return []
    const reached = [...reach(files, path)].filter((target) => target.startsWith(to))
    return reached.map((target) => `${path} reaches ${target}`)
  })
}

/** Of what is imported when the program runs: types that refer to each other are erased before. */
export function importCycles(files: Files): string[] {
  const running = new Map([...files].map(([path, text]) => [path, text.replaceAll(/^(?:import|export) type \{[^}]*\} from .*$/gm, "")]))
  return [...files.keys()].filter((path) => reach(running, path).has(path)).map((path) => `${path} imports itself by way of others`)
}

export function productionImportsOf(files: Files, testing: string): string[] {
  return [...files.keys()].flatMap((path) => {
    if (path.startsWith(testing)) return []
    const targets = importsOf(files, path).filter((target) => target.startsWith(testing))
    return targets.map((target) => `${path} imports ${target}`)
  })
}

/** Every table is written by exactly one file; a table's first rows may come with it, from the schema. */
export function tableWriters(files: Files, schema: string): string[] {
  const created = [...files.values()].flatMap((text) => [...text.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(waystation_\w+)/g)])
  const writers = new Map(created.map(([, table = ""]) => [table, new Set<string>()]))
  const write = /(?:INSERT (?:OR \w+ )?INTO|REPLACE INTO|UPDATE(?: OR \w+)?|DELETE FROM) (waystation_\w+)/g
  for (const [path, text] of files) {
    if (path === schema) continue
    for (const [, table = ""] of text.matchAll(write)) writers.set(table, (writers.get(table) ?? new Set()).add(path))
  }
  return [...writers]
    .filter(([, paths]) => paths.size !== 1)
    .map(([table, paths]) => `${table} is written by ${[...paths].join(" and ") || "no file"}`)
}

export function skippedTests(files: Files): string[] {
  const marked = /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:skip\w*|only|todo|fails)\b(?=\(|\.)/
  return [...files].flatMap(([path, text]) => {
    const found = marked.exec(text)
    return found ? [`${path} has a test with ${found[0]}`] : []
  })
}

/** What stands under a folder "ko" stands under its neighbour "en" too, and the other way round; README.ko.md beside README.md. */
export function missingTranslations(paths: readonly string[]): string[] {
  const all = new Set(paths)
  const other: Record<string, string> = { ko: "en", en: "ko" }
  return paths.flatMap((path) => {
    const twin = path.endsWith(".ko.md")
      ? path.replace(/\.ko\.md$/, ".md")
      : path.replace(/(^|\/)(ko|en)\//, (_, slash: string, language: string) => `${slash}${other[language]}/`)
    return twin === path || all.has(twin) ? [] : [`${path} has no ${twin}`]
  })
}

/** The project's own files that a file imports, types included. */
function importsOf(files: Files, path: string): string[] {
  const specifiers = [...(files.get(path) ?? "").matchAll(/(?:\bfrom|^import|\bimport\()\s*"(\.[^"]+)"/gm)]
  return specifiers.map(([, specifier = ""]) => join(dirname(path), specifier)).filter((target) => files.has(target))
}

function reach(files: Files, path: string): Set<string> {
  const reached = new Set<string>()
  const open = importsOf(files, path)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    open.push(...importsOf(files, next))
  }
  return reached
}
