import MarkdownIt from "markdown-it"
import container from "markdown-it-container"

/** The containers of a chapter, see chapters/README.md. */
export const containers = ["predict", "answer", "hint"] as const

/** The chapters' Markdown. HTML in it stays text: a chapter is data. */
export const markdown = containers.reduce((parser, name) => parser.use(container, name), MarkdownIt({ html: false }))
