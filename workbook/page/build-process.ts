/** Builds the page's script into a directory that appears as a whole. A process of its own: the workbook goes on meanwhile. */
import { mkdirSync, renameSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { build } from "vite"

const target = process.argv[2] ?? ""
const draft = `${target}.${process.pid}`
mkdirSync(dirname(target), { recursive: true })
await build({
  root: join(import.meta.dirname, "client"),
  configFile: false,
  logLevel: "error",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: draft,
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: join(import.meta.dirname, "client", "main.tsx"),
      output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
    },
  },
})
try {
  renameSync(draft, target)
} catch {
  // Another workbook was faster.
  rmSync(draft, { recursive: true, force: true })
}
