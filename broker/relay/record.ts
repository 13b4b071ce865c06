/**
 * How SQLite writes a row ("Database File Format", section 2): a header of the columns' types, then their values.
 *
 *     header size | type 1 | type 2 | … | value 1 | value 2 | …
 *
 * Header size and types are varints. Many values need no bytes at all: NULL, 0 and 1 are types.
 */
export type Value = null | number | bigint | string | Uint8Array

/** Bytes that cannot be what they are taken for. */
export class MalformedError extends Error {
  override readonly name = "MalformedError"
}

/** Goes through bytes from front to back, and never beyond their end. */
export class Cursor {
  readonly bytes: Buffer
  offset: number

  constructor(bytes: Buffer, offset = 0) {
    this.bytes = bytes
    this.offset = offset
  }

  byte(): number {
    const byte = this.bytes[this.offset++]
    if (byte === undefined) throw new MalformedError("ends in the middle of a number")
    return byte
  }

  /**
   * An integer of one to nine bytes, seven bits in each, most significant first; the highest bit says that another byte
   * follows, and the ninth byte gives all its eight bits. Above 2^53 the result is not exact: no outbox counts that far.
   */
  varint(): number {
    let value = 0
    for (let count = 1; count <= 8; count++) {
      const byte = this.byte()
      value = value * 128 + (byte & 0x7f)
      if (byte < 0x80) return value
    }
    return value * 256 + this.byte()
  }

  take(length: number): Buffer {
    const end = this.offset + length
    if (end > this.bytes.length) throw new MalformedError("ends in the middle of a value")
    const taken = this.bytes.subarray(this.offset, end)
    this.offset = end
    return taken
  }
}

/** `PRAGMA encoding`: chosen once for all text of a database. */
export type TextEncoding = "UTF-8" | "UTF-16le" | "UTF-16be"

/** The types of the first `count` columns, or of all. For the first few the beginning of a record is enough. */
export function columnTypes(record: Buffer, count = Number.POSITIVE_INFINITY): number[] {
  const cursor = new Cursor(record)
  const headerBytes = cursor.varint()
  const types: number[] = []
  while (cursor.offset < headerBytes && types.length < count) types.push(cursor.varint())
  if (cursor.offset > headerBytes) throw new MalformedError("has a type that ends beyond its header")
  return types
}

export function parseRecord(record: Buffer, encoding: TextEncoding): Value[] {
  const types = columnTypes(record)
  const cursor = new Cursor(record, new Cursor(record).varint())
  const values = types.map((type) => parseValue(cursor, type, encoding))
  // SQLite takes such a row for damaged, too: what is in its columns is not what was written there.
  if (cursor.offset !== record.length) throw new MalformedError("has bytes behind its last value")
  return values
}

/**
 *     0         NULL
 *     1 to 6    an integer of 1, 2, 3, 4, 6 or 8 bytes, two's complement, big-endian
 *     7         a floating-point number of 8 bytes
 *     8 and 9   the integers 0 and 1
 *     even      a blob of (type - 12) / 2 bytes
 *     odd       a text of (type - 13) / 2 bytes
 */
function parseValue(cursor: Cursor, type: number, encoding: TextEncoding): Value {
  if (type === 0) return null
  if (type <= 6) return parseInteger(cursor.take(integerBytes[type] ?? 0))
  if (type === 7) return cursor.take(8).readDoubleBE(0)
  if (type <= 9) return type - 8
  if (type < 12) throw new MalformedError(`has a column of type ${type}, which SQLite keeps for itself`)
  const bytes = cursor.take(Math.floor((type - 12) / 2))
  return type % 2 === 0 ? Uint8Array.from(bytes) : parseText(bytes, encoding)
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8]

function parseInteger(bytes: Buffer): number | bigint {
  if (bytes.length <= 6) return bytes.readIntBE(0, bytes.length)
  const integer = bytes.readBigInt64BE(0)
  return BigInt.asIntN(53, integer) === integer ? Number(integer) : integer
}

/** The type by which a text of so many bytes is announced. */
export function textType(bytes: number): number {
  return 13 + 2 * bytes
}

function parseText(bytes: Buffer, encoding: TextEncoding): string {
  if (encoding === "UTF-8") return bytes.toString("utf8")
  if (bytes.length % 2 !== 0) throw new MalformedError("has UTF-16 text of an odd length")
  const text = (encoding === "UTF-16le" ? bytes : Buffer.from(bytes).swap16()).toString("utf16le")
  // SQLite has a way of its own to read half a surrogate pair.
  if (!text.isWellFormed()) throw new MalformedError("has text that is no Unicode")
  return text
}
