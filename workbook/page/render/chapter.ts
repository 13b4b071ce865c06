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
  nameHeadings(tokens, environment.anchorPrefix)
  leadToHeadings(tokens)
  const { without = [], afterTask } = environment
  const kept = without.reduce(withoutContainer, tokens)
  if (!afterTask) return render(kept, environment)
  return tasksApart(kept)
    .map(({ task, tokens }) => render(tokens, environment) + (task ? afterTask(task) : ""))
    .join("")
}

function render(tokens: Token[], environment: ChapterEnvironment): string {
  return parser.renderer.render(tokens, parser.options, environment)
}

function withoutContainer(tokens: Token[], name: string): Token[] {
  let depth = 0
  return tokens.filter((token) => {
    if (token.type === `container_${name}_open`) depth++
    const outside = depth === 0
    if (token.type === `container_${name}_close`) depth--
    return outside
  })
}

/** The chapter's `## ` parts one by one, each with the number of its task if it is one. */
function tasksApart(tokens: readonly Token[]): { task: number | undefined; tokens: Token[] }[] {
  const parts: { task: number | undefined; tokens: Token[] }[] = [{ task: undefined, tokens: [] }]
  for (const [at, token] of tokens.entries()) {
    if (token.type === "heading_open" && token.tag === "h2") parts.push({ task: taskOf(tokens, at), tokens: [] })
    parts.at(-1)?.tokens.push(token)
  }
  return parts
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

/** A link to a heading by its words, as an editor's preview takes it, leads to the heading's name here. */
function leadToHeadings(tokens: readonly Token[]): void {
  const names = new Map<string, string>()
  for (const [at, token] of tokens.entries()) {
    if (token.type === "heading_open") names.set(slug(tokens[at + 1]?.content ?? ""), String(token.attrGet("id") ?? ""))
  }
  for (const link of tokens.flatMap((token) => token.children ?? []).filter(({ type }) => type === "link_open")) {
    const [, words] = /^#(.+)$/.exec(parser.normalizeLinkText(String(link.attrGet("href")))) ?? []
    const name = names.get(words ?? "")
    if (name) link.attrSet("href", `#${name}`)
  }
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-")
}

function nameHeadings(tokens: readonly Token[], prefix = ""): void {
  let plain = 0
  for (const [at, token] of tokens.entries()) {
    if (token.type !== "heading_open" || token.tag !== "h2") continue
    const task = taskOf(tokens, at)
    // After the tasks come the parts from "production" on, also where a chapter leaves others out.
    if (task) plain = Math.max(plain, plainParts.indexOf("production"))
    token.attrSet("id", `${prefix}${task ? `task-${task}` : (plainParts[plain++] ?? `part-${plain}`)}`)
  }
}
