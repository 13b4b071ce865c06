import { readFileSync } from "node:fs"
import type { Plugin } from "vitest/config"

/** Remembers what was read of each source, so that the next run reads again what has changed since, and nothing else. */
export class Sources {
  readonly #texts = new Map<string, string>()

  /** Reads the sources in vite's place: what is remembered is what was transformed, whenever the file was saved. */
  readonly plugin: Plugin = {
    name: "waystation-sources",
    enforce: "pre",
    load: (id) => {
      const path = id.split("?")[0] ?? ""
      const text = path.endsWith(".ts") ? textOf(path) : undefined
      if (text !== undefined) this.#texts.set(path, text)
      return text
    },
  }

  /** Of a file that was not read here it is never said. */
  isAsRead(path: string): boolean {
    const text = this.#texts.get(path)
    return text !== undefined && text === textOf(path)
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}
