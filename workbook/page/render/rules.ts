import type MarkdownIt from "markdown-it"
import container from "markdown-it-container"
import type { Language } from "../../language.ts"
import { containers } from "../../markdown.ts"
import { pageWords } from "../words/index.ts"
import { drawDiagram } from "./diagram.ts"
import { escapeHtml } from "./escape.ts"
import { highlighted } from "./highlight.ts"

/** What the rules need to know of the chapter. */
export type ChapterEnvironment = {
  readonly language: Language
  /** The address of a chapter by its file's name, or undefined if there is none. */
  chapterAddress(file: string): string | undefined
  /** HTML that stands under the heading of a task. */
  underTask?(number: number): string
  /** HTML that ends the prediction box. */
  inPrediction?(): string
  /** HTML that stands at the end of a task. */
  afterTask?(number: number): string
  /** Everything open, for print. */
  open?: boolean
  /** Containers that are left out with what is in them. */
  without?: readonly (typeof containers)[number][]
  /** Set before each anchor, where several chapters stand in one file. */
  anchorPrefix?: string
}

type Parser = ReturnType<typeof MarkdownIt>
export type Token = ReturnType<Parser["parse"]>[number]

/** The number of the task that a heading begins. */
export function taskOf(tokens: readonly Token[], heading: number): number | undefined {
  const number = /^(\d+)\. /.exec(tokens[heading + 1]?.content ?? "")?.[1]
  return number ? Number(number) : undefined
}

/** How a chapter's parts look on the page. */
export function chapterRules(markdown: Parser): Parser {
  for (const name of containers) container(markdown, name, { render: containerRule(name) })
  const { rules } = markdown.renderer
  rules.fence = fence
  rules.heading_open = headingOpen
  rules.heading_close = headingClose
  rules.link_open = linkOpen
  rules.link_close = linkClose
  // A chapter draws its pictures in text; one from elsewhere would tell its owner who reads.
  rules.image = (tokens, at) => escapeHtml(tokens[at]?.content ?? "")
  rules.table_open = () => '<div class="table" tabindex="0" role="group"><table>\n'
  rules.table_close = () => "</table></div>\n"
  return markdown
}

type Rule = NonNullable<Parser["renderer"]["rules"]["fence"]>

/** The environment is whatever the caller of the renderer gives: here always a chapter's. */
const chapter = (environment: unknown) => environment as ChapterEnvironment

const fence: Rule = (tokens, at, _options, environment) => {
  const token = tokens[at] as Token
  const [language = "", source = ""] = token.info.trim().split(/\s+/)
  const words = pageWords[chapter(environment).language]
  if (language === "diagram") {
    const spoken = token.content.replace(/[-+|=>\s]+/g, " ").trim()
    return `<figure class="diagram" tabindex="0">${drawDiagram(token.content, `${words.diagram}: ${spoken}`)}</figure>\n`
  }
  const path = /^from=([^#]+)/.exec(source)?.[1]
  const code = highlighted(token.content, language) ?? escapeHtml(token.content)
  const caption = path ? `<figcaption>${language === "output" ? `${words.output} · ` : ""}${escapeHtml(path)}</figcaption>` : ""
  const kind = language === "output" ? "listing output" : "listing"
  return `<figure class="${kind}">${caption}<pre tabindex="0"><code>${code}</code></pre></figure>\n`
}

const headingOpen: Rule = (tokens, at, options, _environment, self) => {
  const token = tokens[at] as Token
  const number = token.tag === "h2" ? taskOf(tokens, at) : undefined
  if (number) tokens[at + 1]?.children?.forEach(stripNumber(number))
  const open = self.renderToken(tokens, at, options)
  return number ? `${open}<span class="task-number">${number}<span class="dot">.</span></span> ` : open
}

function stripNumber(number: number): (child: Token, index: number) => void {
  return (child, index) => {
    if (index === 0) child.content = child.content.replace(`${number}. `, "")
  }
}

const headingClose: Rule = (tokens, at, options, environment, self) => {
  const number = tokens[at]?.tag === "h2" ? /task-(\d+)$/.exec(String(tokens[at - 2]?.attrGet("id")))?.[1] : undefined
  return self.renderToken(tokens, at, options) + (number ? (chapter(environment).underTask?.(Number(number)) ?? "") : "")
}

/** A chapter leads to its page, the web to the web; the project's other files are named, and opened in an editor. */
const linkOpen: Rule = (tokens, at, _options, environment) => {
  const target = String(tokens[at]?.attrGet("href") ?? "")
  if (/^https?:\/\//.test(target)) return `<a href="${escapeHtml(target)}" rel="noreferrer" target="_blank">`
  if (target.startsWith("#")) return `<a href="${escapeHtml(target)}">`
  const address = chapter(environment).chapterAddress(target.split("#")[0]?.split("/").at(-1) ?? "")
  return address ? `<a href="${escapeHtml(address)}">` : `<a class="file" title="${escapeHtml(target)}">`
}

const linkClose: Rule = () => "</a>"

function containerRule(name: (typeof containers)[number]): Rule {
  return (tokens, at, _options, environment) => {
    const token = tokens[at] as Token
    const words = pageWords[chapter(environment).language]
    const open = chapter(environment).open ? " open" : ""
    const opens = token.nesting === 1
    if (name === "predict") {
      const box = chapter(environment).inPrediction?.() ?? ""
      return opens ? `<section class="predict" aria-label="${words.prediction}">` : `${box}</section>\n`
    }
    if (!opens) return "</details>\n"
    if (name === "answer") return `<details class="answer"${open}><summary>${words.answer}</summary>\n`
    const number = Number(token.info.trim().split(" ")[1] ?? 1)
    return `<details class="hint" data-hint="${number}"${open}><summary>${words.hint(number)}</summary>\n`
  }
}
