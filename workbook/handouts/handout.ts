import { readFileSync } from "node:fs"
import { join } from "node:path"
import { html, raw } from "hono/html"
import type { Catalogue, Exercise, Section } from "../catalogue.ts"
import type { Language } from "../language.ts"
import { places } from "../learner-files.ts"
import { styleFiles } from "../page/files.ts"
import { chapterHtml } from "../page/render/chapter.ts"
import { highlighted } from "../page/render/highlight.ts"
import { pageWords } from "../page/words/index.ts"
import { embeddedFonts } from "./fonts.ts"
import { mistakesOf } from "./mistakes.ts"
import { type Row, timetable } from "./timetable.ts"
import { handoutWords } from "./words/index.ts"

type Html = ReturnType<typeof html>

export interface HandoutOptions {
  readonly catalogue: Catalogue
  readonly sections: readonly Section[]
  readonly language: Language
  /** The facilitator's edition. */
  readonly answers: boolean
}

/** Short enough to be typed from paper. */
const address = "127.0.0.1:4330"
const gridRows = 7
const predictionLines = 6

/** The workbook, or a part of it, as one HTML file that needs nothing else. */
export async function handout(options: HandoutOptions): Promise<string> {
  const { language, sections } = options
  const parts = await Promise.all(sections.map((section) => chapter(section, options)))
  const body = String(await html`${cover(options)}${parts.map((part) => raw(part))}`)
  const styles = ["book.css", "code.css", "print.css", "handout.css"].map((name) => readFileSync(styleFiles.get(name) ?? "", "utf8"))
  const title = `Waystation – ${sections.length === 1 ? (sections[0]?.title ?? "") : pageWords[language].subtitle}`
  const page = html`<!doctype html>
<html lang="${language}" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<title>${title}</title>
<style>${raw(embeddedFonts(body + title))}</style>
<style>${raw(styles.join("\n"))}</style>
</head>
<body class="handout">
${raw(body)}
</body>
</html>
`
  return String(await page)
}

function cover({ sections, language, answers }: HandoutOptions): Html {
  const words = handoutWords[language]
  const only = sections.length === 1 ? sections[0] : undefined
  return html`<section class="handout-cover">
<p class="number">${answers ? words.answersEdition : words.edition}</p>
<h1>${only ? `${only.id} ${only.title}` : "Waystation"}</h1>
<p class="subtitle">${pageWords[language].subtitle}</p>
<dl class="fields"><dt>${words.name}</dt><dd></dd><dt>${words.date}</dt><dd></dd></dl>
${plan(sections, language)}
<p class="note">${words.shortAddresses(address)}</p>
</section>`
}

function plan(sections: readonly Section[], language: Language): Html {
  const words = handoutWords[language]
  const days = timetable(sections)
  const minutes = sections.reduce((sum, section) => sum + section.minutes, 0)
  return html`<h2>${words.timetable}</h2>
${days.map((day, at) => html`${days.length > 1 ? html`<h3>${words.day(at + 1)}</h3>` : ""}${dayTable(day, language)}`)}
<p class="note">${words.timetableNote(minutes, days.length)}</p>`
}

function dayTable(day: readonly Row<Section>[], language: Language): Html {
  const words = handoutWords[language]
  const clock = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`
  const rows = day.map(({ section, from, until }) => {
    const times = html`<td>${until - from}</td><td>${clock(from)}</td><td>${clock(until)}</td>`
    return section
      ? html`<tr><td>${section.id}</td><td>${section.title}</td>${times}</tr>`
      : html`<tr class="break"><td></td><td>${words.pause}</td>${times}</tr>`
  })
  return html`<table class="timetable"><thead><tr><th colspan="2">${words.section}</th><th>${words.minutes}</th><th>${words.from}</th><th>${words.until}</th></tr></thead>
<tbody>${rows}</tbody></table>`
}

async function chapter(section: Section, { catalogue, language, answers }: HandoutOptions): Promise<string> {
  const words = handoutWords[language]
  const text = chapterHtml(readFileSync(join(catalogue.root, section.chapter), "utf8"), {
    language,
    chapterAddress: (file) => {
      const other = catalogue.sections.find((entry) => `${entry.name}.md` === file)
      return other && `#section-${other.id}`
    },
    open: true,
    without: answers ? [] : ["answer", "hint"],
    inPrediction: () => `<p class="label">${words.predict}</p>${'<div class="line"></div>'.repeat(predictionLines)}`,
    underTask: (number) => `<p class="short">${words.onScreen(`${address}/${language}/${section.id}#task-${number}`)}</p>`,
    afterTask: () => String(grid(language)),
    anchorPrefix: `${section.id}-`,
  })
  const extra = answers ? section.exercises.map((exercise) => answersTo(exercise, catalogue.root, language)) : []
  return String(
    await html`<article class="chapter" id="section-${section.id}">
<header><p class="number">${pageWords[language].section(section.id)} · ${pageWords[language].minutes(section.minutes)}</p><h1>${section.title}</h1></header>
${raw(text)}${extra}</article>`,
  )
}

function grid(language: Language): Html {
  const words = handoutWords[language]
  const heads = words.gridColumns.map((column) => html`<th>${column}</th>`)
  const row = html`<tr>${words.gridColumns.map(() => html`<td></td>`)}</tr>`
  return html`<table class="grid"><caption>${words.grid}</caption><thead><tr>${heads}</tr></thead><tbody>${Array.from({ length: gridRows }, () => row)}</tbody></table>`
}

function answersTo(exercise: Exercise, root: string, language: Language): Html {
  const words = handoutWords[language]
  const code = readFileSync(join(root, places.solution(exercise.file)), "utf8").replace(/^[ \t]*\/\/ #(end)?region.*\n/gm, "")
  const mistakes = mistakesOf(root, exercise.file, language).map(
    (mistake) => html`<li><p><strong>${mistake.words}</strong> (${words.caughtBy(mistake.tasks)})</p><pre>${mistake.failure}</pre></li>`,
  )
  return html`<section class="answers"><h2>${words.solution}: ${exercise.id}</h2>
<figure class="listing"><figcaption>${places.solution(exercise.file)}</figcaption><pre><code>${raw(highlighted(code, "typescript") ?? "")}</code></pre></figure>
${mistakes.length > 0 ? html`<h3>${words.mistakes}</h3><ul class="mistakes">${mistakes}</ul>` : ""}</section>`
}
