import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Defect } from "./defects.ts"

const root = join(import.meta.dirname, "../..")

/** A copy of the broker with the defect in it, beside the project's dependencies. */
export class BrokenCopy {
  readonly directory: string

  constructor(defect: Defect) {
    this.directory = mkdtempSync(join(tmpdir(), "waystation-planted-"))
    cpSync(join(root, "broker"), join(this.directory, "broker"), { recursive: true })
    symlinkSync(join(root, "node_modules"), join(this.directory, "node_modules"), "junction")
    writeFileSync(join(this.directory, "package.json"), JSON.stringify({ type: "module" }))
    const path = join(this.directory, "broker", defect.file)
    writeFileSync(path, planted(readFileSync(path, "utf8"), defect))
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function planted(source: string, { name, file, changes }: Defect): string {
  return changes.reduce((changed, [find, replace]) => {
    const parts = changed.split(find)
    if (parts.length === 2) return parts.join(replace)
    throw new Error(
      `The defect "${name}" fits broker/${file} in ${parts.length - 1} places, and it takes one: bring test/planted/defects.ts up to date.`,
    )
  }, source)
}
