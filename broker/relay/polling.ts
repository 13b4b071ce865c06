import { outboxRows } from "../outbox.ts"
import type { OpenSource } from "./ports.ts"

/**
 * The polling publisher: asks the outbox for what comes after the last published position. Nothing can be skipped,
 * because SQLite has one writer at a time: positions are given in the order of the commits. (Where writers work side by
 * side, as in PostgreSQL, a lower position may be committed after a higher one, and this very query loses messages.)
 */
export function polling(intervalMs: number): OpenSource {
  return (store) => ({
    rows: (published, rowsMax) => outboxRows(store, published, rowsMax).rows,
    pauseMs: () => intervalMs,
    close() {},
  })
}
