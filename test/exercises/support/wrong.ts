import { say, type Words } from "./language.ts"

/**
 * A failure where no message went astray: what was asked, what came of it, and what should have come. For a message that was lost,
 * doubled, reordered, invented or left lying there is `Anomaly`.
 */
export class Wrong extends Error {
  override readonly name = "Wrong"

  constructor(headline: Words, steps: readonly Words[] = [], note?: Words) {
    const told = steps.map((step, index) => `${String(index + 1).padStart(3)}. ${say(step)}`)
    super([`WRONG: ${say(headline)}`, ...told, ...(note ? [`  → ${say(note)}`] : [])].join("\n"))
    // The words are all there is to say: whose callback was running is nothing to the learner.
    this.stack = `Wrong: ${this.message}`
  }
}
