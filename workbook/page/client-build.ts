import { fork } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { type FileTable, tableOf } from "./files.ts"

const packageRoot = join(import.meta.dirname, "..", "..")

/**
 * The page's own script: put together at the first request and kept under .cache/ until its sources change. Nothing that is generated lies in
 * the repository, and whoever only reads, or cannot run the build, has a page without script.
 */
export class ClientBuild {
  #table: Promise<FileTable> | undefined

  /** @throws {Error} if it cannot be built; asked again, it tries again */
  async files(): Promise<FileTable> {
    this.#table ??= build()
    try {
      return await this.#table
    } catch (error) {
      this.#table = undefined
      throw error
    }
  }
}

async function build(): Promise<FileTable> {
  const directory = join(packageRoot, ".cache", "page", fingerprint())
  // The last file to be written says that all are there.
  if (!existsSync(join(directory, "main.js"))) {
    const child = fork(join(import.meta.dirname, "build-process.ts"), [directory], { stdio: ["ignore", "ignore", "pipe", "ipc"] })
    const [complaint, [code]] = await Promise.all([text(child.stderr ?? Readable.from([])), once(child, "exit")])
    if (code !== 0) throw new Error(`(${/^\w*Error.*$/m.exec(complaint)?.[0] ?? `exit code ${code}`})`)
  }
  return tableOf(directory, ".js")
}

/** Of all that goes into the script. */
function fingerprint(): string {
  const hash = createHash("sha256")
  const folders = ["client", "playback", "words", "."].map((folder) => join(import.meta.dirname, folder))
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  const sources = files.filter((path) => /\.tsx?$/.test(path)).sort()
  for (const path of [...sources, join(packageRoot, "package-lock.json")]) if (existsSync(path)) hash.update(readFileSync(path))
  return hash.digest("hex").slice(0, 16)
}
