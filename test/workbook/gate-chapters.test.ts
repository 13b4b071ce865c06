import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import stringWidth from "string-width"
import { describe, expect, test, vi } from "vitest"
import { type Chapter, readChapter } from "#workbook/chapter.ts"
import { type Language, languages } from "#workbook/language.ts"
import { markdown } from "#workbook/markdown.ts"
import { blockText } from "./support/blocks.ts"
import { isItsTurn, isLookedAt, root, shippedCatalogue } from "./support/gates.ts"

// These start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const partTitles: Record<Language, string[]> = {
  ko: ["이야기", "핵심 개념", "예측하기", "실무에서는", "스스로 점검", "출처"],
  en: ["The story", "The idea", "Predict", "In production", "Check yourself", "Sources"],
}
const diagramColumnsMax = 76

const names = chapterNames("en")

test("every chapter is there in both languages", () => {
  expect(chapterNames("ko")).toEqual(names)
})

describe.each(names)("%s", (name) => {
  const chapters = { ko: chapter("ko", name), en: chapter("en", name) }

  test("says the same about itself in both languages", () => {
    const { ko, en } = chapters
    expect(name.startsWith(`${en.id}-`)).toBe(true)
    expect(about(ko)).toEqual(about(en))
  })

  test("has the same headings, containers and blocks in both languages", () => {
    expect(outline(chapters.ko)).toEqual(outline(chapters.en))
  })

  test.each(languages)("has its parts in their order (%s)", (language) => {
    const parts = chapters[language].headings.filter((heading) => heading.level <= 2).map((heading) => heading.title)
    const tasks = chapters[language].taskParts.map((task) => `${task.number}. ${task.title}`)
    const expected = partTitles[language].toSpliced(3, 0, ...tasks)
    if (name === "0-start-here") expect(parts).toEqual(expected.filter((title) => parts.includes(title)))
    else expect(parts).toEqual(expected)
  })

  test.each(languages)("has one question to predict, and two hints to each task (%s)", (language) => {
    const { containers, taskParts, tasks } = chapters[language]
    const hints = taskParts.flatMap(() => ["hint 1", "hint 2"])
    const predict = name === "0-start-here" ? [] : ["predict", "answer"]
    expect(containers.map((container) => container.name)).toEqual([...predict, ...hints])
    expect(taskParts.map((task) => task.number)).toEqual(tasks.flatMap((task) => task.numbers))
    for (const task of taskParts) expect(task.hints.filter((hint) => hint === "")).toEqual([])
  })

  // The programs, too, run in one language by turns.
  test.each(languages)("shows the code and the output that there is (%s)", async (language) => {
    const blocks = chapters[language].blocks.filter(({ kind }) => kind === "code" || isItsTurn(names.indexOf(name), language))
    for (const block of blocks) {
      expect(block.text, `line ${block.line}`).toBe(await blockText(root, block, language))
    }
  })

  test.each(languages)("has links that lead somewhere, to the web only among the sources (%s)", (language) => {
    const { links, headings } = chapters[language]
    const sources = headings.find((heading) => heading.title === partTitles[language].at(-1))?.line ?? Number.POSITIVE_INFINITY
    for (const { target, line } of links) {
      if (/^https?:/.test(target)) expect(line, target).toBeGreaterThan(sources)
      else expectTarget(join(root, "chapters", language, `${name}.md`), decodeURIComponent(target))
    }
  })

  // In Korean "**이름(name)**은" does: a letter follows what ends with a bracket.
  test.each(languages)("has no emphasis that stays as stars (%s)", (language) => {
    const prose = markdown.parse(chapters[language].source, {}).filter(({ type }) => type === "inline")
    const text = prose.flatMap(({ children }) => children ?? []).filter(({ type }) => type === "text")
    expect(text.map(({ content }) => content).filter((content) => content.includes("**"))).toEqual([])
  })

  test.each(languages)("has diagrams that fit a page (%s)", (language) => {
    for (const [, diagram] of chapters[language].source.matchAll(/^```diagram\n(.*?)^```/gms)) {
      for (const line of diagram?.split("\n") ?? []) expect(stringWidth(line), line).toBeLessThanOrEqual(diagramColumnsMax)
    }
  })
})

test("every section names as its exercises those that are there, in their order", () => {
  for (const section of shippedCatalogue().sections) {
    const { tasks, needs, id } = readChapter(join(root, section.chapter))
    expect(tasks.map((task) => task.exercise)).toEqual(section.exercises.map((exercise) => exercise.id))
    for (const need of needs) expect(need.localeCompare(id, "en", { numeric: true }), `${id} needs ${need}`).toBeLessThan(0)
  }
})

function chapterNames(language: Language): string[] {
  const files = readdirSync(join(root, "chapters", language)).filter((file) => file.endsWith(".md"))
  return files
    .map((file) => file.slice(0, -".md".length))
    .filter(isLookedAt)
    .sort()
}

function chapter(language: Language, name: string): Chapter {
  return readChapter(join(root, "chapters", language, `${name}.md`))
}

function about({ id, minutes, tasks, needs, leavesOut }: Chapter): unknown {
  return { id, minutes, tasks, needs, leftOut: leavesOut.length }
}

/** The order of a chapter's structure, without its words. */
function outline({ headings, containers, blocks, taskParts }: Chapter): string[] {
  const entries = [
    ...headings.map(({ level, line }) => ({ line, text: `heading ${level}` })),
    ...containers.map(({ name, line }) => ({ line, text: name })),
    ...blocks.map(({ kind, path, region, line }) => ({ line, text: `${kind} ${path}#${region ?? ""}` })),
    ...taskParts.map(({ number, line }) => ({ line, text: `task ${number}` })),
  ]
  return entries.sort((one, other) => one.line - other.line).map((entry) => entry.text)
}

function expectTarget(from: string, target: string): void {
  const [path = "", anchor] = target.split("#")
  const file = path === "" ? from : join(dirname(from), path)
  expect(existsSync(file), target).toBe(true)
  if (anchor === undefined) return
  const anchors = readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)
  expect(Array.from(anchors, ([, title]) => slug(title ?? ""))).toContain(anchor)
}

/** As GitHub makes an anchor of a heading. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .replaceAll(" ", "-")
}
