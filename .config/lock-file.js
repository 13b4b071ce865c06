// Runs after npm install (package.json, "dependencies"), which drops this line each time: without it npm 10 compiles
// every package that has a binding.gyp. better-sqlite3 brings its binaries, and a machine without a compiler would fail.
import { readFileSync, writeFileSync } from "node:fs"

const path = new URL("../package-lock.json", import.meta.url)
const lock = JSON.parse(readFileSync(path, "utf8"))
const driver = lock.packages["node_modules/better-sqlite3"]
if (driver.gypfile !== false) {
  driver.gypfile = false
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
}
