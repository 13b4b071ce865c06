import type { OutboxRow } from "../outbox.ts"
import { leafCell, leafCellCount, type Pages, wholePayload } from "./page.ts"
import { columnTypes, MalformedError, parseRecord, type TextEncoding, textType, type Value } from "./record.ts"

/** What one has to know of a database to read its pages. */
export interface PageFormat {
  /** The page size without the bytes reserved at the end of each page. */
  usableBytes: number
  encoding: TextEncoding
}

const marker = "waystation.outbox"
const markerTypes: Record<TextEncoding, number> = {
  "UTF-8": textType(marker.length),
  "UTF-16le": textType(marker.length * 2),
  "UTF-16be": textType(marker.length * 2),
}
const columns = 9

/**
 * The rows of an outbox that stand in these pages, in order, from the one after position `after` on.
 *
 * A page of the log does not say which table it belongs to. A row of the outbox is known by sight: its first column is
 * NULL (SQLite keeps the INTEGER PRIMARY KEY as the rowid alone), its second the marker.
 *
 * @throws {MalformedError} if the pages contradict themselves, or lack a part of a row
 */
export function outboxRowsIn(pages: Pages, after: number, format: PageFormat): OutboxRow[] {
  const rows: OutboxRow[] = []
  for (const page of pages.values()) rows.push(...rowsOfPage(page, pages, after, format))
  rows.sort((one, other) => one.position - other.position)
  for (let index = 1; index < rows.length; index++) {
    // A page that left the tree may keep its old contents, and so may a copy of the table have the same rows.
    if (rows[index]?.position === rows[index - 1]?.position) throw new MalformedError("have one row twice")
  }
  return rows
}

function rowsOfPage(page: Buffer, pages: Pages, after: number, format: PageFormat): OutboxRow[] {
  const rows: OutboxRow[] = []
  // New rows stand at the end: from there back to the first that is known already.
  for (let index = (leafCellCount(page) ?? 0) - 1; index >= 0; index--) {
    const cell = leafCell(page, index, format.usableBytes)
    if (cell.rowid <= after || !Number.isSafeInteger(cell.rowid)) break
    // All rows of a page are of one table.
    if (!looksLikeOutbox(cell.local, format.encoding)) break
    const payload = wholePayload(cell, format.usableBytes, pages)
    if (!payload) throw new MalformedError("lack a part of a row")
    const row = toRow(cell.rowid, parseRecord(payload, format.encoding))
    if (!row) break
    rows.push(row)
  }
  return rows
}

/** A glance at the types: the record's header stands in the page also when the rest does not. */
function looksLikeOutbox(local: Buffer, encoding: TextEncoding): boolean {
  const [position, second] = columnTypes(local, 2)
  return position === 0 && second === markerTypes[encoding]
}

function toRow(position: number, values: Value[]): OutboxRow | undefined {
  const [none, mark, message_id, channel, key, headers, sent_at, delay_ms, body] = values
  if (values.length !== columns || none !== null || mark !== marker) return undefined
  if (typeof message_id !== "string" || typeof channel !== "string") return undefined
  if (!isTextOrNull(key) || !isTextOrNull(headers)) return undefined
  if (typeof sent_at !== "number" || typeof delay_ms !== "number") return undefined
  if (typeof body !== "string" && !(body instanceof Uint8Array)) return undefined
  return { position, message_id, channel, key, headers, sent_at, delay_ms, body }
}

function isTextOrNull(value: Value | undefined): value is string | null {
  return value === null || typeof value === "string"
}
