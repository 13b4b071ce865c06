import { createInterface } from "node:readline"
import type { Desk } from "./desk.ts"
import { keyOf } from "./keys.ts"

/** Prints the desk as lines whenever it has something new to say, and takes keys as lines. Resolves when the learner quits. */
export function showAsLines(desk: Desk, input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<void> {
  let last = ""
  const print = () => {
    const { lines, settled } = desk.view()
    const text = lines.join("\n")
    if (!settled || text === last) return
    last = text
    output.write(`${text}\n\n${desk.keys()}\n\n`)
  }
  return new Promise((resolve) => {
    const reader = createInterface({ input })
    desk.on("change", print).once("quit", () => {
      reader.close()
      resolve()
    })
    // At the end of the input it goes on watching: nobody quits by having nothing to say.
    reader.on("line", (line) => {
      const typed = line.trim()
      if (typed.includes("/")) desk.goTo(typed)
      else for (const character of typed) desk.press(keyOf(character, {}))
    })
    print()
  })
}
