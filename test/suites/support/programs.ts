import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"

/** A program of `programs/`, line by line. It is killed when it goes out of scope. */
export interface Program extends Disposable {
  /** The next line that it prints; rejects if it ends before. */
  line(): Promise<string>
  /** Lets a program go on that waits for its input. */
  begin(): void
  kill(): Promise<void>
}

export function program(name: string, ...parameters: readonly (string | number)[]): Program {
  const path = join(import.meta.dirname, "../programs", name)
  const child = spawn(process.execPath, [path, ...parameters.map(String)], { stdio: ["pipe", "pipe", "inherit"] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const closed = once(child, "close")
  const kill = async () => {
    child.kill("SIGKILL")
    await closed
  }
  return {
    async line() {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${name} ended, and a line was due.`)
      return value
    },
    begin: () => void child.stdin.write("begin\n"),
    kill,
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  }
}
