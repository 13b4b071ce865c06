import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { readCatalogue } from "#workbook/catalogue.ts"
import { type Language, languages } from "#workbook/language.ts"
import { chapterHtml, partsOf } from "#workbook/page/render/chapter.ts"
import { drawDiagram } from "#workbook/page/render/diagram.ts"
import { type SamplePage, samplePage } from "./support/page.ts"

const root = join(import.meta.dirname, "../..")

let page: SamplePage

beforeEach(() => {
  page = samplePage()
})

afterEach(() => page[Symbol.dispose]())

const read = async (path: string, headers: Record<string, string> = {}) => {
  const response = await page.ask(path, { headers })
  return { status: response.status, location: response.headers.get("location"), html: await response.text() }
}

describe("the contents", () => {
  test("are in the language that the browser asks for, else in the workbook's", async () => {
    expect((await read("/", { "accept-language": "ko-KR,ko;q=0.9,en;q=0.8" })).location).toBe("/ko/")
    expect((await read("/", { "accept-language": "fr,en;q=0.5" })).location).toBe("/en/")
    expect((await read("/")).location).toBe("/en/")
  })

  test("say how far the learner is, in either language", async () => {
    await page.workbook.start()
    const [en, ko] = [await read("/en/"), await read("/ko/")]
    expect(en.html).toContain("1 of 4 tasks done")
    expect(ko.html).toContain("과제 4개 중 1개 완료")
    for (const { html } of [en, ko]) expect(html).toContain('data-mark="0#1" data-state="passed"')
    expect(ko.html).toContain("숫자")
  })
})

describe("a section", () => {
  test("can be read without a script: text, tasks with their state, hints to open", async () => {
    const { html } = await read("/en/1.1")
    expect(html).toContain("<h1>Numbers</h1>")
    expect(html).toContain('<h2 id="task-1"><span class="task-number">1')
    expect(html).toContain('data-task="1" data-state="open">to do')
    expect(html).toContain('<details class="hint" data-hint="1"><summary>Hint 1</summary>\n<p>Multiply.</p>')
    expect(html).toMatch(/<noscript>/)
  })

  test("leads to the same part in the other language", async () => {
    expect((await read("/en/1.1")).html).toContain('href="/ko/1.1"')
    const anchors = (language: Language) =>
      partsOf(readFileSync(join(page.root, `chapters/${language}/1.1-numbers.md`), "utf8")).map((part) => part.anchor)
    expect(anchors("ko")).toEqual(anchors("en"))
  })

  test("that is not there says so, with the contents", async () => {
    const { status, html } = await read("/ko/9.9")
    expect({ status, html }).toMatchObject({ status: 404, html: expect.stringContaining("Numbers") })
  })

  test("shows a chapter that was changed meanwhile", async () => {
    const path = join(page.root, "chapters/en/1.1-numbers.md")
    page.write("chapters/en/1.1-numbers.md", readFileSync(path, "utf8").replace("2 → 4", "two becomes four"))
    expect((await read("/en/1.1")).html).toContain("two becomes four")
  })
})

describe("every chapter of the workbook", () => {
  const chapters = languages.flatMap((language) =>
    readCatalogue(root, language).sections.map((section) => ({
      language,
      ...section,
      source: readFileSync(join(root, section.chapter), "utf8"),
    })),
  )

  test.each(chapters)(
    "$language $id: nothing of its Markdown is left, its diagrams are drawn, its code is highlighted",
    ({ language, source }) => {
      const html = chapterHtml(source, { language, chapterAddress: () => "/x" })
      const shown = html.replace(/<pre.*?<\/pre>/gs, "").replace(/<code>.*?<\/code>/gs, "")
      expect(shown).not.toMatch(/^#{1,6} |:::|```|\]\(/m)
      expect(html.match(/<figure class="diagram" tabindex="0"><svg /g)?.length ?? 0).toBe(source.match(/^```diagram$/gm)?.length ?? 0)
      if (/^```ts/m.test(source)) expect(html).toContain("hljs-keyword")
    },
  )
})

test.each([
  ["Sources", "sources"],
  ["출처", "%EC%B6%9C%EC%B2%98"],
  ["1. 읽기, 그리고 `쓰기`", "1-읽기-그리고-쓰기"],
])("a link to the heading %j by its words leads there, also where it has another name", (title, words) => {
  const html = chapterHtml(`## ${title}\n\n[there](#${words})`, { language: "ko", chapterAddress: () => undefined, anchorPrefix: "3.1-" })
  const [, name] = /<h2 id="([^"]+)"/.exec(html) ?? []
  expect(html).toContain(`<a href="#${name}">there</a>`)
})

describe("a diagram", () => {
  const svg = drawDiagram('A --> 주방 B  7 ==|\n      "x" <&>', "Diagram")

  test("is lines and arrows, and a row of equals signs a bar", () => {
    expect(svg).toContain("<polygon")
    expect(svg).toContain('<rect class="bar"')
    expect(svg).not.toContain("==")
  })

  test("keeps wide letters on its grid, and its text as text", () => {
    // "주방 B" begins in column 6 and is six columns wide.
    expect(svg).toContain('<text x="76" y="20">주방 B</text>')
    expect(svg).toContain("&lt;&amp;&gt;")
  })
})
