/**
 * The page as it looks, from a real run: `node test/page/screenshots.ts` draws the README's picture anew;
 * `node test/page/screenshots.ts DIRECTORY` puts every look there, to be looked at.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { argv, stdout } from "node:process"
import { type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { chromiumArguments, findChromium } from "#workbook/handouts/chromium.ts"
import type { Language } from "#workbook/language.ts"
import { startPage } from "#workbook/page/start.ts"
import { Runner } from "#workbook/running/runner.ts"
import { Workbook } from "#workbook/workbook.ts"
import { projectRoot, sectionWorkbook } from "./support/section.ts"

interface Look extends BrowserContextOptions {
  readonly name: string
  readonly language: Language
  readonly show: (page: Page) => Promise<unknown>
  readonly media?: "print"
}

const file = "1-competing-consumers.ts"
const wide = { width: 1_440, height: 900 }
const narrow = { width: 360, height: 740 }
const projector = { width: 1_024, height: 768 }

const toWork = async (page: Page) => {
  await page.locator(".failure .schedule").scrollIntoViewIfNeeded()
  // Beside the text the reader is somewhere in it.
  await page.evaluate(() => document.querySelector("#story")?.scrollIntoView())
}
const toFailure = (page: Page) => page.evaluate(() => document.querySelector(".failure")?.scrollIntoView())
const toPlayer = async (page: Page) => {
  await page.locator('[data-does="play"]').click()
  await page.locator('[data-does="anomaly"]').click()
  await page.locator(".step .anomaly").waitFor()
}
const toText = async (page: Page) => void (await page.locator("#idea").scrollIntoViewIfNeeded())
const toEditor = async (page: Page) => {
  await page.keyboard.press("e")
  await page.locator(".cm-content").waitFor()
  await page.evaluate(() => document.querySelector(".editor")?.scrollIntoView())
}

const readme: Look = { name: "readme", language: "en", viewport: { width: 1_280, height: 800 }, show: toWork }

const looks: readonly Look[] = [
  { name: "wide-ko", language: "ko", viewport: wide, show: toWork },
  { name: "wide-dark-en", language: "en", viewport: wide, colorScheme: "dark", show: toWork },
  { name: "narrow-ko", language: "ko", viewport: narrow, show: toText },
  { name: "narrow-failure-en", language: "en", viewport: narrow, show: toFailure },
  { name: "narrow-player-ko", language: "ko", viewport: narrow, show: toPlayer },
  { name: "projector-player-ko", language: "ko", viewport: projector, show: toPlayer },
  { name: "projector-player-dark-en", language: "en", viewport: projector, colorScheme: "dark", show: toPlayer },
  { name: "editor-ko", language: "ko", viewport: wide, show: toEditor },
  { name: "print-ko", language: "ko", viewport: { width: 794, height: 1_123 }, media: "print", show: toText },
]

const [directory] = argv.slice(2)
using section = sectionWorkbook("3.3.5-competing-receivers-and-order")
const runner = new Runner(section.root)
const workbook = new Workbook({ root: section.root, language: "en", runner })
const server = await startPage({ root: section.root, workbook, port: 0 })
const browser = await chromium.launch({ executablePath: findChromium() ?? "", args: chromiumArguments })
writeFileSync(
  join(section.root, "exercises/3.3.5-competing-receivers-and-order", file),
  section.wrongAnswer(file, "not-awaited", "en").code,
)
await workbook.goTo("3.3.5/competing-consumers")

for (const look of directory ? looks : [readme]) {
  const path = directory ? join(directory, `${look.name}.png`) : join(projectRoot, "workbook/page/page.jpg")
  await take(look, path)
  stdout.write(`${path}\n`)
}
await browser.close()
await server.stop()
await workbook.stop()
await runner.stop()

async function take({ name: _name, language, media, show, ...options }: Look, path: string): Promise<void> {
  await workbook.speak(language)
  const page = await (await browser.newContext({ ...options, locale: language })).newPage()
  await page.goto(server.address)
  await page.waitForURL(`**/${language}/`)
  await page.goto(new URL(`/${language}/3.3.5`, server.address).href)
  await page.locator(".failure .schedule").waitFor()
  await show(page)
  if (media) await page.emulateMedia({ media })
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, animations: "disabled", ...(path.endsWith(".jpg") && { quality: 72 }) })
  await page.context().close()
}
