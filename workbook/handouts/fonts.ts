import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fontPackages, fontStyles } from "../page/files.ts"

interface Slice {
  readonly rule: string
  readonly file: string
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

/** The typefaces as style rules with their files inside: of all slices those that the text needs. */
export function embeddedFonts(text: string): string {
  const used = [...new Set(text)].map((character) => character.codePointAt(0) ?? 0)
  return fontPackages
    .flatMap((name) => slicesOf(fontStyles(name)))
    .filter(({ ranges }) => used.some((point) => ranges.some(([from, to]) => point >= from && point <= to)))
    .map(({ rule, file }) => rule.replace(/url\([^)]*\)/, `url(data:font/woff2;base64,${readFileSync(file).toString("base64")})`))
    .join("\n")
}

function slicesOf(path: string): Slice[] {
  const rules = readFileSync(path, "utf8").match(/@font-face \{[^}]*\}/g) ?? []
  return rules.map((rule) => {
    const file = join(dirname(path), /url\(([^)]+)\)/.exec(rule)?.[1] ?? "")
    return { rule, file, ranges: rangesOf(/unicode-range: ([^;]+);/.exec(rule)?.[1] ?? "U+0-10FFFF") }
  })
}

function rangesOf(text: string): [number, number][] {
  return text.split(",").map((range) => {
    const [from = "0", to = from] = range.trim().replace(/^U\+/i, "").split("-")
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)]
  })
}
