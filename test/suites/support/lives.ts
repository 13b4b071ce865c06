import { type Anomaly, anomaly, type Outcome } from "#waystation/testing"

export interface Row {
  id: string
  key: string
}

export const leaseMs = 1_000
/** Long after every lease and back-off of these scenarios. */
export const quietMs = 20_000
export const consuming = { leaseMs, attemptsMax: 1_000, backoff: { initialMs: 50, maxMs: 400 } }

export const keyOf = (n: number) => `customer-${n % 3}`

export function rows(outcome: Outcome, file: string, table: string): Row[] {
  return outcome.open(file).prepare(`SELECT * FROM ${table} ORDER BY rowid`).all() as Row[]
}

/** A program's own statements meet the lock that a fault holds for a moment. */
export function retrying(work: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      work()
      return
    } catch (error) {
      if (attempt === 20 || !(error as { code?: string }).code?.startsWith("SQLITE_BUSY")) throw error
    }
  }
}

/** Guarantee 8: what the broker does on its own connections, it does without ever showing a lock to anybody. */
export function busySeen(outcome: Outcome): Anomaly | undefined {
  const seen = outcome.history.find(({ reason }) => reason?.includes("database is locked"))
  return seen && anomaly("FAILED", `Nobody may see SQLITE_BUSY, and ${seen.process} did.`)
}
