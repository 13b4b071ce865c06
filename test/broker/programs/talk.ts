import { createInterface } from "node:readline"

/** One line for the test that started this program. */
export function say(said: string, more: Record<string, unknown> = {}): void {
  process.stdout.write(`${JSON.stringify({ said, ...more })}\n`)
}

const lines = createInterface({ input: process.stdin })

/** Resolves when the test tells this line. */
export function told(expected: string): Promise<void> {
  return new Promise((resolve) => {
    lines.on("line", (line) => {
      if (line === expected) resolve()
    })
  })
}

/** Resolves when the test wants this program to finish: its input ends. */
export function finished(): Promise<void> {
  return new Promise((resolve) => lines.on("close", resolve))
}

/** The program's arguments, as text. */
export const args: string[] = process.argv.slice(2)
