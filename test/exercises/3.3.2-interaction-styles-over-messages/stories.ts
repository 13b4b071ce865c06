import type { Words } from "../support/language.ts"
import type { Station } from "../support/station.ts"

/** A step of the story. */
export function told(run: Station, sentence: Words): void {
  run.history.add({ process: "", event: "told", words: sentence })
}

/** What has become of a promise, to look at while time is moved on. */
export interface Settled<Value> {
  state: "waiting" | "fulfilled" | "rejected"
  value?: Value
  error?: unknown
  /** When it was settled, in virtual milliseconds. */
  at?: number
  /** Throws what is the learner's, or the workbook's, to see: not a rejection that a test asks for. */
  rethrow(): Promise<void>
}

export function settled<Value>(promise: Promise<Value>, run: Station): Settled<Value> {
  const now: Settled<Value> = {
    state: "waiting",
    async rethrow() {
      if (now.error instanceof Error && now.error.name !== "Error") throw now.error
    },
  }
  promise.then(
    (value) => void Object.assign(now, { state: "fulfilled", value, at: run.history.now }),
    (error: unknown) => void Object.assign(now, { state: "rejected", error, at: run.history.now }),
  )
  return now
}
