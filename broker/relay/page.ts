import { Cursor, MalformedError } from "./record.ts"

/**
 * A leaf of a table's b-tree ("Database File Format", section 1.6): the page that holds rows.
 *
 *     8 bytes    page header: type 13, first free block, number of cells, start of the cells, fragmented bytes
 *     2 bytes    for each cell, in the order of the rowids: where in the page it begins
 *     …          free space
 *     …          the cells, from the end of the page towards its front
 *
 * A cell is the payload's size, the rowid (both varints) and the payload, a record. Of a payload that is too large the
 * page holds the beginning, and the number of the first page of a chain that holds the rest.
 */
const tableLeaf = 13
const pageHeaderBytes = 8

/** Pages by their number: all that were written by some transactions, as the last of these left them. */
export type Pages = ReadonlyMap<number, Buffer>

export interface Cell {
  rowid: number
  payloadBytes: number
  /** As much of the payload as the page holds. */
  local: Buffer
  /** The first page of the rest, 0 if there is none. */
  overflowPage: number
}

/**
 * The page size without the bytes that the database reserves at the end of each page, mostly none: bytes 16 and 20 of the
 * file's header ("Database File Format", sections 1.3.2 and 1.3.4), with which the first page begins.
 */
export function usableBytesBy(firstPage: Buffer): number {
  const pageBytes = firstPage.readUInt16BE(16)
  // 65,536 does not fit into two bytes, and stands there as 1.
  return (pageBytes === 1 ? 65_536 : pageBytes) - firstPage.readUInt8(20)
}

/** How many rows the page holds, if it is a table's leaf. The first page of a file is none of an outbox. */
export function leafCellCount(page: Buffer): number | undefined {
  return page[0] === tableLeaf ? page.readUInt16BE(3) : undefined
}

/**
 * @param index from 0, in the order of the rowids
 * @param usableBytes the page size without the bytes that the database reserves at the end of each page, mostly none
 */
export function leafCell(page: Buffer, index: number, usableBytes: number): Cell {
  if (page.length < usableBytes) throw new MalformedError("is smaller than its database says")
  const pointer = pageHeaderBytes + 2 * index
  if (pointer + 2 > usableBytes) throw new MalformedError("has more cells than fit into it")
  const cursor = new Cursor(page.subarray(0, usableBytes), page.readUInt16BE(pointer))
  const payloadBytes = cursor.varint()
  const rowid = cursor.varint()
  const localBytes = localPayloadBytes(payloadBytes, usableBytes)
  const local = cursor.take(localBytes)
  const overflowPage = localBytes < payloadBytes ? cursor.take(4).readUInt32BE(0) : 0
  return { rowid, payloadBytes, local, overflowPage }
}

/** How much of a payload stands in the page itself. What spills over should fill its pages, so the page may keep less than it could. */
export function localPayloadBytes(payloadBytes: number, usableBytes: number): number {
  const most = usableBytes - 35
  if (payloadBytes <= most) return payloadBytes
  const least = Math.floor(((usableBytes - 12) * 32) / 255) - 23
  const filling = least + ((payloadBytes - least) % (usableBytes - 4))
  return filling <= most ? filling : least
}

/**
 * The whole payload of a cell. Each page of the chain begins with the number of the next, 0 in the last.
 * Undefined if one of its pages is not at hand.
 */
export function wholePayload(cell: Cell, usableBytes: number, pages: Pages): Buffer | undefined {
  if (cell.overflowPage === 0) return cell.local
  const parts = [cell.local]
  let missing = cell.payloadBytes - cell.local.length
  let next = cell.overflowPage
  while (missing > 0) {
    const page = pages.get(next)
    if (!page) return undefined
    if (parts.length > pages.size) throw new MalformedError("has a payload whose chain runs in a circle")
    const part = page.subarray(4, Math.min(usableBytes, 4 + missing))
    parts.push(part)
    missing -= part.length
    next = page.readUInt32BE(0)
  }
  if (next !== 0) throw new MalformedError("has a payload whose chain goes on beyond its end")
  return Buffer.concat(parts, cell.payloadBytes)
}
