import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { createLabApp } from "#workbook/lab/app.ts"
import { Lab } from "#workbook/lab/lab.ts"
import { type Language, languages } from "#workbook/language.ts"
import { Looker } from "#workbook/look/look-at.ts"
import { newDoor } from "#workbook/page/guard.ts"
import { listen, type PageServer } from "#workbook/page/server.ts"
import { startPage } from "#workbook/page/start.ts"
import { pageWords } from "#workbook/page/words/index.ts"
import { Runner } from "#workbook/running/runner.ts"
import { watchExercises } from "#workbook/watch.ts"
import { wordsOf } from "#workbook/words/index.ts"
import { Workbook } from "#workbook/workbook.ts"
import { doubling, doublingSolved, sampleWorkbook } from "../workbook/support/sample.ts"
import { chromiumPath, expectAccessible, launch, openPage, sayIfNoChromium } from "./support/browser.ts"
import { withTrace } from "./support/traced-sample.ts"

// A browser and a test runner on a busy machine take their time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const projectRoot = join(import.meta.dirname, "../..")

sayIfNoChromium()

describe.runIf(chromiumPath)("in a browser", () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launch()
  })

  afterAll(() => browser.close())

  describe("a learner", () => {
    let sample: ReturnType<typeof sampleWorkbook>
    let workbook: Workbook
    let server: PageServer
    let watcher: { stop(): Promise<void> }
    let runner: Runner

    beforeEach(async () => {
      sample = withTrace(sampleWorkbook())
      runner = new Runner(sample.root)
      workbook = new Workbook({ root: sample.root, language: "en", runner })
      server = await startPage({ root: sample.root, workbook, port: 0 })
      watcher = await watchExercises(sample.root, (path) => void workbook.fileChanged(path))
      await workbook.start()
    })

    afterEach(async () => {
      await watcher.stop()
      await server.stop()
      await workbook.stop()
      await runner.stop()
      sample[Symbol.dispose]()
    })

    const file = () => readFileSync(join(sample.root, doubling), "utf8")

    async function enter(language: Language) {
      const opened = await openPage(browser, { locale: language })
      await opened.page.goto(server.address)
      // The token is kept by the page and shown no longer.
      await opened.page.waitForURL(`**/${language}/`)
      return opened
    }

    async function write(page: Page, text: string): Promise<void> {
      await page.locator(".cm-content").click()
      await page.keyboard.press("Control+a")
      await page.keyboard.insertText(text)
      await page.keyboard.press("Control+s")
    }

    test.each(languages)("goes through a section in %s: predicts, breaks it, sees it, asks for hints, mends it", async (language) => {
      const [words, bookWords] = [pageWords[language], wordsOf[language]]
      const { page, errors } = await enter(language)
      await expectAccessible(page)
      await page.locator(".button").click()
      await page.waitForURL(`**/${language}/1.1`)
      await page.getByText(bookWords.waiting(1)).waitFor()

      expect(await page.locator("details.answer").isVisible()).toBe(false)
      await page.getByLabel(words.writePrediction).fill("4 <b>bold</b>")
      await page.getByRole("button", { name: words.record }).click()
      await page.locator("details.answer .expected", { hasText: "4 <b>bold</b>" }).waitFor()

      await page.keyboard.press("Escape")
      await page.locator("h1").click()
      await page.keyboard.press("e")
      await page.locator(".cm-content").waitFor()
      await write(page, doublingSolved.replace("n * 2", "n"))
      await page.locator(".failure .anomaly", { hasText: "LOST" }).waitFor()
      expect(await page.locator(".schedule li").first().innerText()).toBe(language === "ko" ? "2를 보냈다" : "2 was sent")
      await expectAccessible(page)

      await page.locator('[data-does="play"]').click()
      await page.locator("dialog.player svg.scene").waitFor()
      await page.locator('[data-does="anomaly"]').click()
      await page.locator(".step .anomaly", { hasText: "LOST" }).waitFor()
      await page.keyboard.press("ArrowLeft")
      await page.getByText(words.player.step(1, 2)).waitFor()
      await expectAccessible(page)
      await page.keyboard.press("Escape")

      for (const shown of [1, 2]) {
        await page.locator('[data-does="hint"]').click()
        await page.getByText(bookWords.hint(shown, 3)).waitFor()
      }
      await page.getByRole("button", { name: words.askDifference }).click()
      await page.getByRole("button", { name: words.askAgain }).click()
      await page.locator(".difference .added").first().waitFor()

      await write(page, doublingSolved)
      await page.getByText(bookWords.exerciseDone).waitFor()
      expect(file()).toBe(doublingSolved)
      await page.locator('[data-mark="1.1#1"][data-state="passed"]').first().waitFor({ state: "attached" })
      await expectAccessible(page)
      // Text that is put in at once Chromium itself styles first, in vain.
      expect(errors.filter((error) => !error.startsWith("Applying inline style"))).toEqual([])
      await page.context().close()
    })

    test("sees what another editor saves, and never writes over it", async () => {
      const { page, errors } = await enter("en")
      await page.goto(new URL("/en/1.1", server.address).href)
      await page.locator('[data-does="edit"]').click()
      await page.locator(".cm-content", { hasText: "Todo" }).waitFor()
      sample.write(doubling, "// from elsewhere\n")
      await page.locator(".cm-content", { hasText: "from elsewhere" }).waitFor()

      await page.locator(".cm-content").click()
      await page.keyboard.insertText("// mine\n")
      sample.write(doubling, "// newer\n")
      await page.locator('[data-does="save"]').click()
      await page.getByText(pageWords.en.newer).waitFor()
      expect(file()).toBe("// newer\n")
      await page.getByRole("button", { name: pageWords.en.keepMine }).click()
      await vi.waitFor(() => expect(file()).toContain("// mine"), { timeout: 30_000 })
      await page.getByText(pageWords.en.versions).click()
      await page.locator(".versions details").first().waitFor()
      // The browser itself notes the refusal: that is no error of the page.
      expect(errors.filter((error) => !/409|^Applying inline style/.test(error))).toEqual([])
      await page.context().close()
    })

    test("has the same state on two pages, and the terminal's language follows the page that was opened last", async () => {
      const [one, other] = [await enter("en"), await enter("ko")]
      await one.page.goto(new URL("/en/1.1", server.address).href)
      await other.page.goto(new URL("/ko/1.1", server.address).href)
      sample.write(doubling, doublingSolved)
      for (const { page } of [one, other]) await page.locator('.tasks [data-state="passed"]').nth(1).waitFor()
      await vi.waitFor(() => expect(workbook.state().language).toBe("ko"), { timeout: 30_000 })
      await Promise.all([one, other].map(({ page }) => page.context().close()))
    })

    test("who has only the bare address may read, and nothing more", async () => {
      const { page } = await openPage(browser)
      await page.goto(new URL("/en/1.1", server.address).href)
      await page.getByText(pageWords.en.locked).waitFor()
      expect(await page.locator("button.exercise").count()).toBe(0)
      await page.context().close()
    })

    test("is told when the workbook does not answer any more, and goes on when it is back", async () => {
      const { page } = await enter("en")
      await page.goto(new URL("/en/1.1", server.address).href)
      await page.locator(".tasks").waitFor()
      await server.stop()
      await page.getByText(pageWords.en.lost).waitFor()
      await page.context().close()
    })
  })

  describe("every chapter", () => {
    let workbook: Workbook
    let server: PageServer

    beforeAll(async () => {
      const runner = { run: async () => [], stop: async () => {} }
      workbook = new Workbook({ root: projectRoot, language: "en", runner })
      server = await startPage({ root: projectRoot, workbook, port: 0 })
    })

    afterAll(() => server.stop())

    const looks = languages.flatMap((language) => [
      { language, colorScheme: "light" as const, viewport: { width: 1500, height: 900 } },
      { language, colorScheme: "dark" as const, viewport: { width: 360, height: 740 } },
    ])

    test.each(looks)(
      "in $language, $colorScheme, $viewport.width wide, is accessible, and nothing sticks out",
      async ({ language, colorScheme, viewport }) => {
        const { page, errors } = await openPage(browser, { viewport, colorScheme })
        await page.goto(new URL(`/${language}/`, server.address).href)
        await expectAccessible(page)
        for (const { id } of workbook.state().sections) {
          await page.goto(new URL(`/${language}/${id}`, server.address).href)
          await expectAccessible(page)
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
        }
        // Without the token the live stream is refused, which the browser notes.
        expect(errors.filter((error) => !error.includes("403"))).toEqual([])
        await page.context().close()
      },
    )

    test("can be read before the page's script is there, and without any", async () => {
      const { page } = await openPage(browser, { javaScriptEnabled: false })
      await page.goto(new URL("/ko/3.3.5", server.address).href)
      expect(await page.locator("h1").innerText()).toContain("순서")
      await page.locator("details.hint summary").first().click()
      expect(await page.locator("details.hint p").first().isVisible()).toBe(true)
      await page.context().close()
    })

    test("has no letter without a shape: the typefaces that come along are used", async () => {
      const { page } = await openPage(browser)
      await page.goto(new URL("/ko/3.3.5", server.address).href)
      await page.evaluate(() => document.fonts.ready)
      const loaded = await page.evaluate(() => [...document.fonts].filter((font) => font.status === "loaded").map((font) => font.family))
      expect(new Set(loaded.map((family) => family.replaceAll('"', "")))).toEqual(
        new Set(["Noto Serif KR Variable", "Noto Sans KR Variable"]),
      )
      await page.context().close()
    })
  })

  test("the laboratory is turned by mouse or keys, and its picture follows", async () => {
    const lab = new Lab()
    const looker = new Looker(lab.path)
    const door = newDoor()
    const server = await listen(createLabApp(lab, looker, door), door, 0)
    const { page, errors } = await openPage(browser, { locale: "en" })
    await page.goto(server.address)
    await page.getByText("Producers: 0 · Consumers: 0").waitFor()
    await page.locator('[data-knob="send-twice"]').focus()
    await page.keyboard.press("Enter")
    await page.locator(".count-of.ready", { hasText: "ready 1" }).waitFor()
    await page.locator('[data-knob="add-producer"]').click()
    await page.getByText("Producers: 1 · Consumers: 0").waitFor()
    await expectAccessible(page)
    expect(errors).toEqual([])
    await page.context().close()
    await server.stop()
    looker[Symbol.dispose]()
    await lab.stop()
  })
})
