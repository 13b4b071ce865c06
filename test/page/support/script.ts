import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { text } from "node:stream/consumers"

const root = join(import.meta.dirname, "../../..")

/** A script of the project, run to its end. */
export async function runScript(path: string, values: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [join(root, path), ...values], { env: { ...process.env, ...environment } })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")])
  return { stdout, stderr, code: code as number }
}
