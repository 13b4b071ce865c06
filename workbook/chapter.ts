import { readFileSync } from "node:fs"
import { parse as parseYaml } from "yaml"
import { checkFrontMatter, type FrontMatter } from "./front-matter.ts"
import { markdown } from "./markdown.ts"

/** A chapter of one language, as far as anything but its page needs it. Lines count from 1. The form: chapters/README.md. */
export interface Chapter extends FrontMatter {
  readonly headings: readonly Heading[]
  /** The headings `## n. …` with what stands under them. */
  readonly taskParts: readonly TaskPart[]
  readonly containers: readonly { name: string; line: number }[]
  readonly blocks: readonly Block[]
  readonly links: readonly Link[]
  /** The text of the whole file. */
  readonly source: string
}

export interface Heading {
  readonly level: number
  readonly title: string
  readonly line: number
}

export interface TaskPart {
  readonly number: number
  readonly title: string
  readonly line: number
  /** Markdown: what is sent and what is expected, without the hints. */
  readonly text: string
  /** Markdown, the first two hints in order. */
  readonly hints: readonly string[]
}

/** A fenced block whose text comes from a file (`code`) or from a run of a program (`output`). */
export interface Block {
  readonly kind: "code" | "output"
  readonly path: string
  readonly region: string | undefined
  readonly line: number
  readonly text: string
}

export interface Link {
  readonly target: string
  readonly line: number
}

type Token = ReturnType<typeof markdown.parse>[number]

/** @throws {Error} that names the file and says what is wrong with its form */
export function readChapter(path: string): Chapter {
  try {
    return parseChapter(readFileSync(path, "utf8"))
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error })
  }
}

export function parseChapter(source: string): Chapter {
  const text = source.replaceAll("\r\n", "\n")
  const front = /^---\n(.*?\n)---\n/s.exec(text)
  if (!front) throw new Error("A chapter begins with front matter between two lines of three hyphens.")
  const offset = front[0].split("\n").length
  const body = text.slice(front[0].length)
  const tokens = markdown.parse(body, {})
  const lines = body.split("\n")
  const lineOf = (token: Token) => (token.map?.[0] ?? 0) + offset
  const headings = tokens.flatMap((token, at) =>
    token.type === "heading_open" ? [{ level: Number(token.tag.slice(1)), title: tokens[at + 1]?.content ?? "", line: lineOf(token) }] : [],
  )
  return {
    ...checkFrontMatter(parseYaml(front[1] ?? "")),
    source: text,
    headings,
    taskParts: taskParts(headings, tokens, lines, offset),
    containers: containersOf(tokens).map(({ name, token }) => ({ name, line: lineOf(token) })),
    blocks: tokens.flatMap((token) => blockOf(token, lineOf(token))),
    links: tokens.flatMap((token) =>
      (token.children ?? []).flatMap((child) =>
        child.type === "link_open" ? [{ target: String(child.attrGet("href")), line: lineOf(token) }] : [],
      ),
    ),
  }
}

function taskParts(headings: readonly Heading[], tokens: readonly Token[], lines: readonly string[], offset: number): TaskPart[] {
  const parts = headings.filter((heading) => heading.level === 2)
  return parts.flatMap((heading, at) => {
    const numbered = /^(\d+)\. (.+)$/.exec(heading.title)
    if (!numbered) return []
    const end = parts[at + 1]?.line ?? lines.length + offset
    const hints = containersOf(tokens)
      .filter(({ name, token }) => name.startsWith("hint ") && within(token, heading.line - offset, end - offset))
      .map(({ name, token }) => ({ name, first: token.map?.[0] ?? 0, last: token.map?.[1] ?? 0 }))
    const misnamed = hints.findIndex((hint, index) => hint.name !== `hint ${index + 1}`)
    if (misnamed >= 0) throw new Error(`Line ${(hints[misnamed]?.first ?? 0) + offset}: this should be "::: hint ${misnamed + 1}".`)
    const inHint = (line: number) => hints.some((hint) => line >= hint.first && line <= hint.last)
    const range = Array.from({ length: end - heading.line - 1 }, (_, index) => heading.line - offset + 1 + index)
    return [
      {
        number: Number(numbered[1]),
        title: numbered[2] ?? "",
        line: heading.line,
        text: tidy(range.filter((line) => !inHint(line)).map((line) => lines[line] ?? "")),
        hints: hints.map((hint) => tidy(lines.slice(hint.first + 1, hint.last))),
      },
    ]
  })
}

function containersOf(tokens: readonly Token[]): { name: string; token: Token }[] {
  return tokens.flatMap((token) => (/^container_\w+_open$/.test(token.type) ? [{ name: token.info.trim(), token }] : []))
}

function within(token: Token, from: number, to: number): boolean {
  const line = token.map?.[0] ?? -1
  return line >= from && line < to
}

function tidy(lines: readonly string[]): string {
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
}

function blockOf(token: Token, line: number): Block[] {
  if (token.type !== "fence") return []
  const info = /^(\w+) from=([^\s#]+)(?:#(\S+))?$/.exec(token.info.trim())
  if (!info) return []
  const [, language, path = "", region] = info
  return [{ kind: language === "output" ? "output" : "code", path, region, line, text: token.content }]
}
