import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type axeCore from "axe-core"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { expect } from "vitest"
import { chromiumArguments, findChromium } from "#workbook/handouts/chromium.ts"

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

export const chromiumPath = findChromium()

/** Tests that need a browser say so once, where there is none. */
export function sayIfNoChromium(): void {
  if (!chromiumPath)
    console.info("No Chromium was found (CHROMIUM_PATH, /usr/bin/chromium, …): the tests of the page in a browser did not run.")
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? "", args: chromiumArguments })
}

/** A page on which every error that it notes is a failure of the test, once `check` is called. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  // A busy machine may take its time.
  page.setDefaultTimeout(120_000)
  const errors: string[] = []
  page.on("pageerror", (error) => errors.push(error.message))
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text())
  })
  return { page, errors }
}

/** No accessibility violation, by axe. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axeSource)
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof axeCore }
    const result = await axe.run()
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join("\n")}`)
  })
  expect(violations).toEqual([])
}
