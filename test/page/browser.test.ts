import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Hono } from "hono"
import type { Browser, Route } from "playwright-core"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { createLabApp } from "#workbook/lab/app.ts"
import { Lab } from "#workbook/lab/lab.ts"
import type { Language } from "#workbook/language.ts"
import { Looker } from "#workbook/look/look-at.ts"
import { serveFiles } from "#workbook/page/app.ts"
import { newDoor, type PageEnvironment } from "#workbook/page/guard.ts"
import { listen, type PageServer } from "#workbook/page/server.ts"
import { startPage } from "#workbook/page/start.ts"
import { pageWords } from "#workbook/page/words/index.ts"
import { Runner } from "#workbook/running/runner.ts"
import { watchExercises } from "#workbook/watch.ts"
import { Workbook } from "#workbook/workbook.ts"
import { isLong } from "../suites/support/figure.ts"
import { day, languagesInTurn } from "../workbook/support/gates.ts"
import { doubling, doublingSolved, sampleWorkbook, tripling } from "../workbook/support/sample.ts"
import { chromiumPath, expectAccessible, launch, openPage } from "./support/browser.ts"
import { projectRoot } from "./support/section.ts"

// A browser and a test runner on a busy machine take their time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

describe.runIf(chromiumPath)("in a browser", () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launch()
  })

  afterAll(() => browser.close())

  describe("a learner", () => {
    let sample: ReturnType<typeof sampleWorkbook>
    let runner: Runner
    let workbook: Workbook
    let original: string
    let server: PageServer
    let watcher: { stop(): Promise<void> }

    beforeAll(async () => {
      sample = sampleWorkbook()
      original = readFileSync(join(sample.root, doubling), "utf8")
      runner = new Runner(sample.root)
      workbook = new Workbook({ root: sample.root, language: "en", runner })
      server = await startPage({ root: sample.root, workbook, port: 0 })
      watcher = await watchExercises(sample.root, (path) => void workbook.fileChanged(path))
    })

    beforeEach(async () => {
      sample.write(doubling, original)
      await workbook.goTo("1.1/doubling")
    })

    afterAll(async () => {
      await watcher.stop()
      await server.stop()
      await workbook.stop()
      await runner.stop()
      sample[Symbol.dispose]()
    })

    const file = () => readFileSync(join(sample.root, doubling), "utf8")

    async function enter(language: Language, address = server.address) {
      const opened = await openPage(browser, { locale: language })
      // With the token, which stands behind the address.
      await opened.page.goto(new URL(`/${language}/1.1${new URL(address).hash}`, address).href)
      await opened.page.locator(".tasks").waitFor()
      return opened
    }

    test("sees what another editor saves, and never writes over it", async () => {
      const { page, errors } = await enter("en")
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

    test("loses nothing that is typed while the page asks for a file that was changed elsewhere, or while it saves", async () => {
      const { page } = await enter("en")
      await page.locator('[data-does="edit"]').click()
      await page.locator(".cm-content", { hasText: "Todo" }).waitFor()
      const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const holdOnce = async (route: Route) => {
        const response = await route.fetch()
        asked.resolve()
        await answered.promise
        await route.fulfill({ response })
      }
      await page.route("**/api/file?*", holdOnce, { times: 1 })
      sample.write(doubling, "// from elsewhere\n")
      await asked.promise
      await page.locator(".cm-content").click()
      await page.keyboard.insertText("// mine")
      const arrived = page.waitForResponse("**/api/file?*")
      answered.resolve()
      await (await arrived).finished()
      await page.keyboard.insertText(" still")
      await page.locator(".cm-content", { hasText: "// mine still" }).waitFor()

      await page.locator('[data-does="save"]').click()
      await page.getByRole("button", { name: pageWords.en.keepMine }).click()
      await page.locator(".cm-content").click()
      for (const letter of ["a", "b"]) {
        await page.keyboard.insertText(letter)
        await page.keyboard.press("Control+s")
      }
      await page.getByText(pageWords.en.saved).waitFor()
      await vi.waitFor(() => expect(file()).toMatch(/ab/), { timeout: 30_000 })
      expect(await page.getByText(pageWords.en.newer).count()).toBe(0)
      await page.context().close()
    })

    test("has the same state on two pages, and the terminal's language follows the page that was opened last", async () => {
      const one = await enter("en")
      const other = await enter("ko")
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

    test("is told when the workbook does not answer any more", async () => {
      const another = await startPage({ root: sample.root, workbook, port: 0 })
      const { page } = await enter("en", another.address)
      await another.stop()
      await page.getByText(pageWords.en.lost).waitFor()
      await page.context().close()
    })

    test("may compare with the solution what is done", async () => {
      sample.write(tripling, "export const triple = (n: number): number => n + n + n\n")
      await workbook.goTo("1.1/tripling")
      const { page } = await enter("en")
      await page.getByRole("button", { name: pageWords.en.askComparison }).click()
      await page.locator(".difference .added").waitFor()
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

    // In one language by turns, a quarter of the sections narrow and one wide: what chapters are made of is the same everywhere.
    const looks = languagesInTurn.flatMap((language) => [
      { language, colorScheme: "light" as const, viewport: { width: 1500, height: 900 }, every: 20 },
      { language, colorScheme: "dark" as const, viewport: { width: 360, height: 740 }, every: 4 },
    ])
    // Two days for each choice of sections, which come in both languages so.
    const turn = Math.floor(day / 2)

    test.concurrent.each(looks)(
      "in $language, $colorScheme, $viewport.width wide, is accessible, and nothing sticks out",
      async ({ language, colorScheme, viewport, every }) => {
        const { page, errors } = await openPage(browser, { viewport, colorScheme })
        await page.goto(new URL(`/${language}/`, server.address).href)
        await expectAccessible(page)
        const sections = workbook.state().sections.filter((_section, at) => isLong || (at + turn) % every === 0)
        for (const { id } of sections) {
          await page.goto(new URL(`/${language}/${id}`, server.address).href, { waitUntil: "domcontentloaded" })
          await expectAccessible(page)
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), id).toBeLessThanOrEqual(0)
        }
        // Without the token the live stream is refused, which the browser notes.
        expect(errors.filter((error) => !error.includes("403"))).toEqual([])
        await page.context().close()
      },
    )

    test("says so when the page's script cannot be put together", async () => {
      const app = new Hono<PageEnvironment>()
      const files = async () => {
        throw new Error("(</script><b>)")
      }
      serveFiles(app, { files })
      app.get("/", (context) => context.html('<html lang="ko"><aside id="work"></aside><script src="/assets/main.js"></script>'))
      const broken = await listen(app, newDoor(), 0)
      const { page } = await openPage(browser)
      await page.goto(new URL("/", broken.address).href)
      expect(await page.locator("#work p").innerText()).toBe(pageWords.ko.notBuilt("(</script><b>)"))
      await page.context().close()
      await broken.stop()
    })

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
