import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import type { Block } from "#workbook/chapter.ts"
import type { Language } from "#workbook/language.ts"

/** What should stand in a chapter's block: the code of the file, or what the program prints. */
export async function blockText(root: string, block: Block, language: Language): Promise<string> {
  return block.kind === "code" ? codeOf(join(root, block.path), block.region) : await outputOf(join(root, block.path), language)
}

/** The chapter with the right text in each of its blocks. */
export function withBlocks(source: string, blocks: readonly (readonly [Block, string])[]): string {
  const lines = source.split("\n")
  for (const [block, text] of blocks.toReversed()) {
    const written = block.text.split("\n").length - 1
    lines.splice(block.line, written, ...text.split("\n").slice(0, -1))
  }
  return lines.join("\n")
}

/** A file's code, or a region of it, without the region's marks and without the indentation that all its lines share. */
export function codeOf(path: string, region: string | undefined): string {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n")
  const chosen = region === undefined ? lines : linesOfRegion(lines, region, path)
  const shown = chosen.filter((line) => !/^\s*\/\/ #(end)?region\b/.test(line))
  const indents = shown.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length)
  const common = Math.min(...indents)
  return `${shown.map((line) => line.slice(common)).join("\n")}\n`
}

/** Regions may stand within regions: the end is the one at the same depth. */
function linesOfRegion(lines: readonly string[], region: string, path: string): string[] {
  const start = lines.findIndex((line) => line.trim() === `// #region ${region}`)
  if (start < 0) throw new Error(`${path} has no line "// #region ${region}".`)
  let depth = 0
  for (let end = start; end < lines.length; end++) {
    if (/^\s*\/\/ #region\b/.test(lines[end] ?? "")) depth++
    if (/^\s*\/\/ #endregion\b/.test(lines[end] ?? "")) depth--
    if (depth === 0) return lines.slice(start + 1, end)
  }
  throw new Error(`${path}: the region "${region}" has no end.`)
}

async function outputOf(program: string, language: Language): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), "waystation-program-"))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd, env: { ...process.env, WAYSTATION_LANG: language } })
    return `${stdout.trimEnd()}\n`
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}
