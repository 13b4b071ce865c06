import { pathToFileURL } from "node:url"
import { chromium } from "playwright-core"
import { chromiumArguments } from "./chromium.ts"

/** Prints an HTML file as an A4 PDF with page numbers. */
export async function printPdf(browserPath: string, html: string, target: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: browserPath, args: chromiumArguments })
  try {
    const page = await browser.newPage()
    await page.goto(pathToFileURL(html).href)
    await page.evaluate("document.fonts.ready")
    const number = '<div style="width:100%;font-size:8px;color:#555;text-align:center"><span class="pageNumber"></span></div>'
    await page.pdf({
      path: target,
      preferCSSPageSize: true,
      printBackground: true,
      displayHeaderFooter: true,
      headerTemplate: "<i></i>",
      footerTemplate: number,
      outline: true,
      tagged: true,
    })
  } finally {
    await browser.close()
  }
}
