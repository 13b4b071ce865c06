import MarkdownIt from "markdown-it"
import { type ChapterEnvironment, chapterRules, type Token, taskOf } from "./rules.ts"

export type { ChapterEnvironment } from "./rules.ts"

/** The parts of a chapter that are no tasks, in their order: their anchors are the same in every language. */
const plainParts = ["story", "idea", "predict", "production", "check", "sources"]

const parser = chapterRules(MarkdownIt({ html: false }))

/** A chapter's Markdown, without its front matter, as HTML. */
export function chapterHtml(source: string, environment: ChapterEnvironment): string {
  const body = source.replaceAll("\r\n", "\n").replace(/^---\n.*?\n---\n/s, "")
  return markdownHtml(body, environment)
}

export function markdownHtml(text: string, environment: ChapterEnvironment): string {
  const tokens = parser.parse(text, {})
  nameHeadings(tokens)
  return parser.renderer.render(tokens, parser.options, environment)
}

/** The anchor of each `## ` heading, with its title. */
export function partsOf(source: string): { anchor: string; title: string }[] {
  const tokens = parser.parse(source.replaceAll("\r\n", "\n").replace(/^---\n.*?\n---\n/s, ""), {})
  nameHeadings(tokens)
  return tokens.flatMap((token, at) =>
    token.type === "heading_open" && token.tag === "h2"
      ? [{ anchor: String(token.attrGet("id")), title: tokens[at + 1]?.content ?? "" }]
      : [],
  )
}

function nameHeadings(tokens: readonly Token[]): void {
  let plain = 0
  for (const [at, token] of tokens.entries()) {
    if (token.type !== "heading_open" || token.tag !== "h2") continue
    const task = taskOf(tokens, at)
    // After the tasks come the parts from "production" on, also where a chapter leaves others out.
    if (task) plain = Math.max(plain, plainParts.indexOf("production"))
    token.attrSet("id", task ? `task-${task}` : (plainParts[plain++] ?? `part-${plain}`))
  }
}
