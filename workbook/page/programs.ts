import { fork } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"

const runMsMax = 20_000

/** The program that a chapter asks to predict: the first that it shows. A chapter is the workbook's own; no request names a file. */
export function predictedProgram(root: string, chapter: string): string | undefined {
  return /^```ts from=(chapters\/programs\/[\w./-]+\.ts)/m.exec(readFileSync(join(root, chapter), "utf8"))?.[1]
}

/** What the program prints, run in a process of its own and stopped when it takes too long. */
export async function runProgram(root: string, path: string): Promise<{ printed: string; failed: boolean }> {
  const child = fork(join(root, path), [], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    timeout: runMsMax,
    killSignal: "SIGKILL",
  })
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error("A process that was asked for its output has none.")
  const [printed, complaint, [code]] = await Promise.all([text(stdout), text(stderr), once(child, "exit")])
  return code === 0 ? { printed, failed: false } : { printed: printed + complaint, failed: true }
}
