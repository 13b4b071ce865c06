import { html, raw } from "hono/html"
import { type Language, languages } from "../../language.ts"
import type { SectionState, WorkbookState } from "../../state.ts"
import { pageWords } from "../words/index.ts"

type Html = ReturnType<typeof html>

export type PageFrame = Omit<Frame, "state">

export interface Frame {
  readonly language: Language
  readonly title: string
  /** The page's own address without the language: "3.3.5", or "" for the contents. */
  readonly address: string
  readonly nonce: string
  readonly state: WorkbookState
  /** What the client does on this page. */
  readonly kind: "contents" | "section" | "look" | "lab"
}

const styleSheets = ["book", "code", "contents", "frame", "work", "player", "live"]

/** Before the first paint, so that nothing flashes. */
const chosenTheme = "try { document.documentElement.dataset.theme = localStorage.getItem('waystation-theme') ?? '' } catch {}"

/** The page around what is to be read. It is complete without its script. */
export function document(frame: PageFrame, main: Html): Html {
  const { language, title, nonce, kind, address } = frame
  const words = pageWords[language]
  return html`<!doctype html>
<html lang="${language}" data-kind="${kind}" data-section="${address}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="csp-nonce" content="${nonce}">
<title>${title}</title>
<link rel="icon" href="data:,">
<script nonce="${nonce}">${raw(chosenTheme)}</script>
<link rel="stylesheet" href="/fonts/noto-serif-kr.css">
<link rel="stylesheet" href="/fonts/noto-sans-kr.css">
${styleSheets.map(
  (name) => html`<link rel="stylesheet" href="/style/${name}.css">
`,
)}<link rel="stylesheet" href="/style/print.css" media="print">
<script type="module" src="/assets/main.js"></script>
</head>
<body>
<a class="skip" href="#text">${words.skip}</a>
<header class="masthead">
  <a class="home" href="/${language}/">${words.title}</a>
  <nav class="tools" aria-label="${words.keys}">
    ${languageLinks(frame)}
    <button type="button" class="quiet" data-does="theme" hidden>${words.theme}</button>
    <button type="button" class="quiet" data-does="keys" hidden aria-label="${words.keys}">?</button>
  </nav>
</header>
${main}
<noscript><p class="notice">${words.noScript}</p></noscript>
</body>
</html>`
}

function languageLinks({ language, address }: PageFrame): Html {
  const links = languages
    .filter((other) => other !== language)
    .map(
      (other) =>
        html`<a class="quiet" href="/${other}/${address}" hreflang="${other}" lang="${other}" data-does="language">${pageWords[other].name}</a>`,
    )
  return html`${links}`
}

/** The cover with every section on it. */
export function contentsPage(frame: Frame): Html {
  const { language, state } = frame
  const words = pageWords[language]
  const { current } = state
  const begun = state.tasks.done > 0
  return document(
    frame,
    html`<main id="text" class="cover" tabindex="-1">
  <h1>Waystation</h1>
  <p class="subtitle">${words.subtitle}</p>
  <p class="how">${words.howTo}</p>
  <p><a class="button" href="/${language}/${current.section.id}">${begun ? words.goOn : words.begin}: ${current.section.title}</a></p>
  <h2>${words.contents}</h2>
  <p class="progress">${words.tasksDone(state.tasks.done, state.tasks.all)}</p>
  ${sectionList(frame)}
  <p class="keys-help">${words.keysHelp}</p>
</main>`,
  )
}

/** A section to read, its exercise beside it. */
export function sectionPage(frame: Frame, section: SectionState, text: string): Html {
  const { language, state } = frame
  const words = pageWords[language]
  const at = state.sections.indexOf(section)
  return document(
    frame,
    html`<div class="book">
<nav class="contents" aria-label="${words.contents}"><details data-opens="wide"><summary>${words.contents}</summary>${sectionList(frame)}</details><a class="to-work button" href="#work">${words.toWork}</a></nav>
<main id="text" tabindex="-1">
<article class="chapter">
  <header>
    <p class="number">${words.section(section.id)} · ${words.minutes(section.minutes)}</p>
    <h1>${section.title}</h1>
  </header>
  ${raw(text)}
</article>
<footer class="pages">${neighbour(frame, state.sections[at - 1], words.previous, "prev")}${neighbour(frame, state.sections[at + 1], words.next, "next")}</footer>
</main>
<aside id="work" class="work" aria-label="${words.work}" tabindex="-1"><p class="note building" role="status">${words.building}</p></aside>
</div>`,
  )
}

function neighbour({ language }: Frame, section: SectionState | undefined, word: string, rel: string): Html {
  if (!section) return html`<span></span>`
  return html`<a rel="${rel}" href="/${language}/${section.id}"><span>${word}</span> ${section.id} ${section.title}</a>`
}

function sectionList(frame: Frame): Html {
  const { state, language, address } = frame
  const items = state.sections.map((section) => {
    const here = section.id === address
    return html`<li><a href="/${language}/${section.id}" ${here ? raw('aria-current="page"') : ""}><span class="id">${section.id}</span> <span class="name">${section.title}</span></a>${marks(section, language)}</li>`
  })
  return html`<ol class="sections">${items}</ol>`
}

/** One mark for each task; the words are for those who hear them. */
function marks(section: SectionState, language: Language): Html {
  const words = pageWords[language]
  const tasks = section.exercises.flatMap((exercise) => exercise.tasks)
  const done = tasks.filter((task) => task.state === "passed").length
  const dots = tasks.map((task) => html`<i data-mark="${section.id}#${task.number}" data-state="${task.state}"></i>`)
  return html`<span class="marks" role="img" aria-label="${words.tasksDone(done, tasks.length)}" data-marks="${section.id}">${dots}</span>`
}

export function notFoundPage(frame: Frame): Html {
  const words = pageWords[frame.language]
  return document(frame, html`<main id="text" class="cover" tabindex="-1"><h1>${words.notFound}</h1>${sectionList(frame)}</main>`)
}
