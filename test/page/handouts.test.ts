import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { readCatalogue } from "#workbook/catalogue.ts"
import { embeddedFonts } from "#workbook/handouts/fonts.ts"
import { handout } from "#workbook/handouts/handout.ts"
import { timetable } from "#workbook/handouts/timetable.ts"
import { type Language, languages } from "#workbook/language.ts"
import { sampleWorkbook } from "../workbook/support/sample.ts"
import { runScript } from "./support/script.ts"
import { manySections } from "./support/section.ts"

// These start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 })

const root = join(import.meta.dirname, "../..")

async function printed(language: Language, answers: boolean): Promise<string> {
  const catalogue = readCatalogue(root, language)
  return await handout({ catalogue, sections: catalogue.sections, language, answers })
}

describe.each(languages)("in %s", (language) => {
  test("a learner's handout has every section, lines for the prediction, a grid for each task, and gives nothing away", async () => {
    const html = await printed(language, false)
    const { sections, exercises } = readCatalogue(root, language)
    for (const section of sections) expect(html).toContain(`id="section-${section.id}"`)
    const tasks = exercises.flatMap((exercise) => exercise.tasks)
    expect(html.match(/<table class="grid">/g)).toHaveLength(tasks.length)
    expect(html.match(new RegExp(`127\\.0\\.0\\.1:4330/${language}/[\\d.]+#task-\\d+`, "g"))).toHaveLength(tasks.length)
    expect(html).toContain('<div class="line">')
    expect(html).not.toMatch(/<details|class="answers"/)
  })

  test("a facilitator's edition has the answers, the hints, the solutions and how each mistake is told", async () => {
    const html = await printed(language, true)
    const { exercises } = readCatalogue(root, language)
    expect(html.match(/<section class="answers">/g)).toHaveLength(exercises.length)
    expect(html.match(/<ul class="mistakes">/g)).toHaveLength(exercises.length)
    expect(html).toMatch(/<details class="hint" data-hint="2" open>/)
    expect(html).toContain("LOST")
    expect(html).not.toContain("#region")
  })

  test("it needs nothing from elsewhere", async () => {
    const html = await printed(language, true)
    const shown = html.replace(/<a href="https?:[^>]*>/g, "")
    expect(shown).not.toMatch(/<(?:script|link|img|iframe)\b|src=|url\((?!data:)|@import/)
    const anchors = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id))
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(target)
    expect(anchors.size).toBe([...html.matchAll(/\sid="([^"]+)"/g)].length)
  })
})

describe("the timetable", () => {
  const of = (...minutes: number[]) =>
    timetable(minutes.map((minutes) => ({ minutes }))).map((day) =>
      day.map(({ section, from, until }) => `${section ? "" : "break "}${from}-${until}`),
    )

  test("has a break before a sitting would become too long, and none where it is not", () => {
    expect(of(40, 40, 40)).toEqual([["0-40", "40-80", "break 80-95", "95-135"]])
    expect(of(200, 10)).toEqual([["0-200", "break 200-215", "215-225"]])
    expect(of(45, 45)).toEqual([["0-45", "45-90"]])
  })

  test("begins another day with what does not fit, and never with a break", () => {
    expect(of(90, 90, 90, 90, 60)).toEqual([
      ["0-90", "break 90-105", "105-195", "break 195-210", "210-300", "break 300-315", "315-405"],
      ["0-60"],
    ])
    expect(of(600, 600)).toEqual([["0-600"], ["0-600"]])
    expect(of()).toEqual([])
  })
})

test("twenty sections are all in the handout, in their order, on several days", async () => {
  using many = manySections(20)
  const catalogue = readCatalogue(many.root, "ko")
  const html = await handout({ catalogue, sections: catalogue.sections, language: "ko", answers: false })
  const ids = [...html.matchAll(/<article class="chapter" id="section-4\.(\d+)">/g)].map(([, number]) => Number(number))
  expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  expect(html.match(/<h3>\d일째<\/h3>/g)).toHaveLength(4)
})

test("the timetable adds the chapters' minutes up", async () => {
  using sample = sampleWorkbook()
  const catalogue = readCatalogue(sample.root, "en")
  const html = await handout({ catalogue, sections: catalogue.sections, language: "en", answers: false })
  expect(html).toContain("<td>1.1</td><td>Numbers</td><td>5</td><td>0:05</td><td>0:10</td>")
})

test("the typefaces come along, as far as the text needs them: no letter is missing, and a short text is short", () => {
  const [latin, korean] = [embeddedFonts("abc"), embeddedFonts("abc 주방 ✓")]
  expect(latin).toContain("data:font/woff2;base64,")
  expect(korean.length).toBeGreaterThan(latin.length)
  expect(embeddedFonts("").length).toBe(0)
  const ranges = [...korean.matchAll(/unicode-range: ([^;]+)/g)].flatMap(([, list = ""]) => list.split(","))
  const has = (character: string) => ranges.some((range) => inRange(range, character.codePointAt(0) ?? 0))
  for (const character of "abc주방") expect(has(character)).toBe(true)
})

function inRange(range: string, point: number): boolean {
  const [from = "", to = from] = range.trim().replace("U+", "").split("-")
  return point >= Number.parseInt(from, 16) && point <= Number.parseInt(to, 16)
}

describe("npm run handouts", () => {
  const main = "workbook/handouts/main.ts"

  test("writes one file and says so", async () => {
    const directory = mkdtempSync(join(tmpdir(), "waystation-handouts-"))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    // Whether a browser is there is not this test's matter.
    const { stdout, code } = await runScript(main, ["--lang", "en", "--section", "0", "--to", directory], { CHROMIUM_PATH: "" })
    expect({ stdout, code }).toMatchObject({ code: 0, stdout: expect.stringContaining("waystation-0-en.html") })
    expect(readFileSync(join(directory, "waystation-0-en.html"), "utf8")).toContain("<h1>0 Start here</h1>")
  })

  test.each([
    [["--lang", "fr"], 'The option --lang must be ko or en: got "fr".'],
    [["--lang", "ko", "--section", "9.9"], '"9.9" 절은 없어요.'],
    [["--lang", "en", "--anwers"], "Unknown option '--anwers'"],
  ])("%j is refused with a sentence", async (values, sentence) => {
    const { stderr, code } = await runScript(main, values, { LC_ALL: "C" })
    expect(stderr).toContain(sentence)
    expect(code).toBe(1)
  })
})
