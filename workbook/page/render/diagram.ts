import { diagramToSVG } from "aasvg/text2svg.js"
import stringWidth from "string-width"
import { escapeHtml } from "./escape.ts"

const cell = { width: 8, height: 16 }
/** Stands for the second column of a wide character, so that the drawing keeps its grid. */
const filler = "\ue000"

/** Draws a diagram that is written in characters. Its text stays in it for those who hear it. */
export function drawDiagram(text: string, label: string): string {
  const lines = text.trimEnd().split("\n")
  const bars = lines.flatMap((line, row) => barsOf(line, row))
  const plain = lines.map((line) => widened(line.replace(bar, (found) => " ".repeat(found.length)))).join("\n")
  const drawn = diagramToSVG(plain, {
    style: {},
    spaces: 2,
    scale: cell.width,
    aspect: cell.height / cell.width,
    stroke: 1,
    arrow: "solid",
    attrs: {},
  })
  const inside = drawn
    .replace(/^<svg[^>]*>/, "")
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(filler, "")
  const columns = Math.max(...lines.map((line) => stringWidth(line))) + 1
  const size = `viewBox="0 0 ${columns * cell.width} ${(lines.length + 0.5) * cell.height}" width="${columns * cell.width}"`
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escapeHtml(label)}">`
  return `${drawing}${bars.join("")}${inside}`
}

/** A row of equals signs is work that takes its time; a line at its end is where it is done. */
const bar = /={2,}\|?/g

function barsOf(line: string, row: number): string[] {
  return [...line.matchAll(bar)].map((found) => {
    const from = (stringWidth(line.slice(0, found.index)) + 0.5) * cell.width
    const width = found[0].length * cell.width
    const middle = (row + 1) * cell.height
    const end = found[0].endsWith("|") ? `<path class="bar-end" d="M ${from + width},${middle - 7} v 14"/>` : ""
    return `<rect class="bar" x="${from}" y="${middle - 4}" width="${width}" height="8"/>${end}`
  })
}

function widened(line: string): string {
  return [...line].map((character) => (stringWidth(character) === 2 ? character + filler : character)).join("")
}
