import { readdirSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, extname, join } from "node:path"

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
}

/** Files by their names in an address. A name is looked up, never joined to a directory: what is not in the table is not there. */
export type FileTable = ReadonlyMap<string, string>

/** The files directly in a directory whose names end so. */
export function tableOf(directory: string, extension: string): FileTable {
  const names = readdirSync(directory).filter((name) => extname(name) === extension)
  return new Map(names.map((name) => [name, join(directory, name)]))
}

export const styleFiles = tableOf(join(import.meta.dirname, "style"), ".css")

/** The typefaces that come with the workbook, for machines without Korean ones: in slices, of which a browser takes what it needs. */
export const fontPackages = ["noto-serif-kr", "noto-sans-kr"] as const

const packages = createRequire(import.meta.url)

export function fontStyles(name: (typeof fontPackages)[number]): string {
  return packages.resolve(`@fontsource-variable/${name}/index.css`)
}

export const fontFiles: FileTable = new Map(
  fontPackages.flatMap((name) => [...tableOf(join(dirname(fontStyles(name)), "files"), ".woff2")]),
)

/** @returns undefined if there is no such file */
export async function fileResponse(table: FileTable, name: string, cacheControl: string): Promise<Response | undefined> {
  const path = table.get(name)
  if (!path) return undefined
  const headers = { "content-type": types[extname(path)] ?? "application/octet-stream", "cache-control": cacheControl }
  return new Response(await readFile(path), { headers })
}
