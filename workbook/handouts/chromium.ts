import { existsSync } from "node:fs"

const places = [
  // The same without windows, which cost half of its work.
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
]

/** Where a Chromium is installed: at CHROMIUM_PATH, or in one of the usual places. */
export function findChromium(): string | undefined {
  return [process.env.CHROMIUM_PATH ?? "", ...places].find((path) => path !== "" && existsSync(path))
}

/** Without a sandbox where there cannot be one: as root, in a container. What is shown is the workbook's own. */
export const chromiumArguments = ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])]
