import { execFileSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const root = join(import.meta.dirname, "../../..")

/**
 * A plain JavaScript project in a new directory, with the package built, packed and laid out as npm would, without asking
 * the registry: what the package depends on is linked from here. Returns the directory; removing it is the caller's.
 */
export function projectWithPackage(): string {
  const project = mkdtempSync(join(tmpdir(), "waystation-package-"))
  const installed = join(project, "node_modules/waystation")
  mkdirSync(installed, { recursive: true })
  execFileSync("tar", ["-xzf", pack(join(project, "source")), "--strip-components=1", "-C", installed])
  for (const name of ["@standard-schema", "@types", "better-sqlite3", "eventemitter3", "uuid"]) {
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name), "junction")
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
  return project
}

/** Built beside the project's own dist/, so that two runs of the tests do not meet there. Returns the tarball. */
function pack(source: string): string {
  mkdirSync(source)
  for (const file of ["package.json", "README.md", "README.ko.md", "CHANGELOG.md", "LICENSE"])
    copyFileSync(join(root, file), join(source, file))
  const errors = compile(["--project", ".config/tsconfig.build.json", "--outDir", join(source, "dist")], root)
  if (errors.length > 0) throw new Error(errors.join("\n"))
  execFileSync("npm", ["pack", "--silent"], { cwd: source, shell: process.platform === "win32" })
  return join(source, readdirSync(source).find((name) => name.endsWith(".tgz")) ?? "")
}

/** The TypeScript compiler's errors, one a line. */
export function compile(parameters: string[], cwd: string): string[] {
  try {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...parameters], { cwd, encoding: "utf8" })
    return []
  } catch (error) {
    return String((error as { stdout?: string }).stdout)
      .trim()
      .split("\n")
  }
}
