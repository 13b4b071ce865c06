import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { keep, places } from "../learner-files.ts"

/** A file's text, and what tells this text from any other. */
export interface FileVersion {
  readonly text: string
  readonly version: string
}

export interface EarlierVersion {
  readonly name: string
  /** As in the name, without a time zone of its own: UTC. */
  readonly at: string
  readonly text: string
}

const versionsMax = 50

/** The learner's files, by their paths from the root as the workbook's state names them. Whoever calls has looked the path up there. */
export class ExerciseFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** A missing file reads as an empty one. */
  read(path: string): FileVersion {
    const text = textOf(join(this.#root, path)) ?? ""
    return { text, version: versionOf(text) }
  }

  /**
   * Writes over that version and no other. With `keepOld` the text before is kept as an earlier version.
   * @returns undefined, or what stands in the file if it is another version
   */
  save(path: string, text: string, over: string, keepOld: boolean): FileVersion | undefined {
    const found = this.read(path)
    if (found.text === text) return undefined
    if (found.version !== over) return found
    if (keepOld) keep(this.#root, path, new Date())
    this.#replace(join(this.#root, path), text)
    return undefined
  }

  /** Keeps a text as an earlier version, without touching the file. */
  keepText(path: string, text: string): void {
    const draft = join(this.#root, places.kept, "draft", basename(path))
    this.#replace(draft, text)
    mkdirSync(join(this.#root, places.kept), { recursive: true })
    const stamp = new Date()
      .toISOString()
      .replace(/\.(\d+)Z$/, "-$1")
      .replaceAll(":", "-")
    renameSync(draft, join(this.#root, places.kept, `${stamp}-${keptName(path)}`))
  }

  /** The newest first. */
  versions(path: string): EarlierVersion[] {
    const directory = join(this.#root, places.kept)
    const own = `-${keptName(path)}`
    const names = namesIn(directory).filter((name) => name.endsWith(own) && /^\d{4}-\d\d-\d\dT/.test(name))
    return names
      .sort()
      .reverse()
      .slice(0, versionsMax)
      .map((name) => ({
        name,
        at: name.slice(0, 19).replace(/T(\d\d)-(\d\d)-(\d\d)/, " $1:$2:$3"),
        text: textOf(join(directory, name)) ?? "",
      }))
  }

  /** What stands in the file now becomes an earlier version. @returns false if there is no such version */
  bringBack(path: string, name: string): boolean {
    const version = this.versions(path).find((entry) => entry.name === name)
    if (!version) return false
    keep(this.#root, path, new Date())
    this.#replace(join(this.#root, path), version.text)
    return true
  }

  /** As a whole: whoever watches never sees half a file. */
  #replace(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true })
    const draft = join(dirname(path), `.${basename(path)}.page`)
    writeFileSync(draft, text)
    renameSync(draft, path)
  }
}

function keptName(path: string): string {
  return path.replace(/^exercises\//, "").replaceAll("/", "-")
}

function versionOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16)
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
