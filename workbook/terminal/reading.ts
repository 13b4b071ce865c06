import { columnsOf } from "./text.ts"
import type { Style } from "./view.ts"

/**
 * A chapter's Markdown as lines to be read on a terminal, not wrapped yet: no hints, the answer to the prediction only when it is
 * open, and every paragraph in one line.
 */
export function readingLines(source: string, answerOpen: boolean, style: Style): string[] {
  const { words, colors } = style
  const body = source.replaceAll("\r\n", "\n").replace(/^---\n.*?\n---\n/s, "")
  const shown = body
    .replace(/^::: hint \d\n.*?^:::\n/gms, "")
    .replace(/^::: answer\n(.*?)^:::\n/gms, (_, answer: string) => `${answerOpen ? answer : `${words.answerClosed}\n`}`)
    .replace(/^:::.*\n/gm, "")
    .replace(/\n{3,}/g, "\n\n")
  return flowing(shown.trim()).map((line) => {
    if (/^#+ /.test(line)) return colors.bold(line)
    return line.replace(/\*\*(.+?)\*\*/g, (_, strong: string) => colors.bold(strong))
  })
}

/** Joins what the source breaks within a paragraph or a point of a list. Code keeps its lines, indented; a table's columns stand in line. */
export function flowing(text: string): string[] {
  const lines: string[] = []
  let open = false
  let fenced = false
  for (const line of tablesInLine(text.split("\n"))) {
    const fence = /^\s*```/.test(line)
    if (fence) fenced = !fenced
    const begins = open === false || /^(#|\s*([-*]|\d+\.) |\|)/.test(line)
    if (fenced || fence) {
      if (!fence) lines.push(`    ${line}`)
    } else if (begins || line.trim() === "") lines.push(line)
    else lines.push(`${lines.pop()} ${line.trim()}`)
    open = !fenced && !fence && line.trim() !== "" && !/^(#|\|)/.test(line)
  }
  return lines
}

/** The rows of each table with cells of the same width; the row of hyphens goes. */
function tablesInLine(lines: readonly string[]): string[] {
  const rows = lines.filter((line) => line.startsWith("|")).map(cellsOf)
  const width = Math.max(0, ...rows.map(([first = ""]) => columnsOf(first)))
  return lines.flatMap((line) => {
    if (!line.startsWith("|")) return [line]
    if (/^[|\s:-]+$/.test(line)) return []
    const [first = "", ...rest] = cellsOf(line)
    return [`| ${first}${" ".repeat(width - columnsOf(first))}  ${rest.join("  ")}`]
  })
}

function cellsOf(row: string): string[] {
  return row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim())
}
