import { closeSync, fstatSync, openSync, readSync } from "node:fs"

/**
 * SQLite's write-ahead log, the file "-wal" beside a database in WAL mode ("Database File Format", section 4).
 *
 * A transaction does not change the database file. It appends to the log each page that it changed, whole, and the last
 * of these frames says "commit" by giving the database's size. Readers take a page from its last committed frame, or
 * from the database file if the log has none. A checkpoint copies the pages into the database file; after one that
 * copied everything the next writer begins the log at its start again, over the old frames and under a new salt.
 *
 *     header   32 bytes
 *     frame 1  24 bytes + one page
 *     frame 2  24 bytes + one page
 *     …        frames of the present salt, then what is left of the time before the last restart
 *
 * All integers are unsigned, 32 bits, big-endian.
 */
export interface WalHeader {
  /** 0x377f0682 or 0x377f0683. The last bit tells whether checksums take the words as big-endian. */
  magic: number
  formatVersion: number
  pageSize: number
  /** Counts the restarts of the log. */
  checkpointSequence: number
  /** Two numbers that change at each restart. A frame with others is a remnant. */
  salt1: number
  salt2: number
  /** Of the header itself; the first frame's checksum goes on from it. */
  checksum: Checksum
}

export interface FrameHeader {
  pageNumber: number
  /** In a commit frame the size of the database in pages; 0 in every other frame. */
  databasePages: number
  salt1: number
  salt2: number
  /** Of everything from the start of the log through this frame. */
  checksum: Checksum
}

export interface Frame extends FrameHeader {
  /** From 1. */
  number: number
  page: Buffer
}

/** A place in the log: after frame `frame`. The salts tell whether the log still is the one that it was. */
export interface WalPosition {
  salt1: number
  salt2: number
  frame: number
  checksum: Checksum
}

export type Checksum = readonly [number, number]

export const walHeaderBytes = 32
const frameHeaderBytes = 24
const magicLittleEndian = 0x377f0682
const formatVersion = 3_007_000
const pageSizeMin = 512
const pageSizeMax = 65_536

/** Reads and never writes. SQLite takes no locks on this file, so opening and closing it beside SQLite is safe; the database file is not. */
export class WalFile {
  readonly header: WalHeader
  readonly #file: number

  private constructor(file: number, header: WalHeader) {
    this.#file = file
    this.header = header
  }

  /** Returns undefined if there is no log, or an empty one, or something else under that name. */
  static open(path: string): WalFile | undefined {
    let file: number
    try {
      file = openSync(path, "r")
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return undefined
      throw error
    }
    try {
      const header = parseHeader(readAt(file, 0, walHeaderBytes))
      if (header) return new WalFile(file, header)
    } catch (error) {
      closeSync(file)
      throw error
    }
    closeSync(file)
    return undefined
  }

  close(): void {
    closeSync(this.#file)
  }

  /** Whether the file still begins with the header that it had when it was opened. */
  isUnchanged(): boolean {
    const header = parseHeader(readAt(this.#file, 0, walHeaderBytes))
    return header !== undefined && this.continues(header) && sameChecksum(header.checksum, this.header.checksum)
  }

  /** Header and page of one frame. */
  get frameBytes(): number {
    return frameHeaderBytes + this.header.pageSize
  }

  /** How many whole frames the file has room for, remnants included. */
  get framesMax(): number {
    return Math.max(0, Math.floor((fstatSync(this.#file).size - walHeaderBytes) / this.frameBytes))
  }

  get start(): WalPosition {
    const { salt1, salt2, checksum } = this.header
    return { salt1, salt2, frame: 0, checksum }
  }

  /** Whether a place that was noted earlier is one in this log, and not in the one that stood here before a restart. */
  continues({ salt1, salt2 }: { salt1: number; salt2: number }): boolean {
    return salt1 === this.header.salt1 && salt2 === this.header.salt2
  }

  /**
   * The place after a frame that is known to be valid, without reading those before it: its header holds the checksum
   * from which the next one goes on. Undefined if the frame is a remnant, or not there.
   */
  positionAfter(frame: number): WalPosition | undefined {
    if (frame === 0) return this.start
    const bytes = readAt(this.#file, this.#offset(frame), frameHeaderBytes)
    if (bytes.length < frameHeaderBytes) return undefined
    const { salt1, salt2, checksum } = parseFrameHeader(bytes)
    const position = { salt1, salt2, frame, checksum }
    return this.continues(position) ? position : undefined
  }

  /** The valid frames after `position`, through frame `through` at most: it ends at the first that is torn, overwritten or a remnant. */
  frames(position: WalPosition, through: number): Frame[] {
    const count = Math.min(through, this.framesMax) - position.frame
    if (count <= 0) return []
    const bytes = readAt(this.#file, this.#offset(position.frame + 1), count * this.frameBytes)
    const frames: Frame[] = []
    let checksum = position.checksum
    for (let offset = 0; offset + this.frameBytes <= bytes.length; offset += this.frameBytes) {
      const frame = bytes.subarray(offset, offset + this.frameBytes)
      const header = parseFrameHeader(frame)
      if (!this.continues(header) || header.pageNumber === 0) break
      // The checksum covers page number and database size, not the salts and not itself, and then the page.
      checksum = addToChecksum(checksum, frame.subarray(0, 8), this.#littleEndian)
      checksum = addToChecksum(checksum, frame.subarray(frameHeaderBytes), this.#littleEndian)
      if (!sameChecksum(checksum, header.checksum)) break
      frames.push({ ...header, number: position.frame + frames.length + 1, page: frame.subarray(frameHeaderBytes) })
    }
    return frames
  }

  get #littleEndian(): boolean {
    return this.header.magic === magicLittleEndian
  }

  #offset(frame: number): number {
    return walHeaderBytes + (frame - 1) * this.frameBytes
  }
}

function parseHeader(bytes: Buffer): WalHeader | undefined {
  if (bytes.length < walHeaderBytes) return undefined
  const header: WalHeader = {
    magic: bytes.readUInt32BE(0),
    formatVersion: bytes.readUInt32BE(4),
    pageSize: bytes.readUInt32BE(8),
    checkpointSequence: bytes.readUInt32BE(12),
    salt1: bytes.readUInt32BE(16),
    salt2: bytes.readUInt32BE(20),
    checksum: [bytes.readUInt32BE(24), bytes.readUInt32BE(28)],
  }
  const { magic, pageSize } = header
  const isPowerOfTwo = (pageSize & (pageSize - 1)) === 0
  const isLog = magic >>> 1 === magicLittleEndian >>> 1 && header.formatVersion === formatVersion
  if (!isLog || !isPowerOfTwo || pageSize < pageSizeMin || pageSize > pageSizeMax) return undefined
  const checksum = addToChecksum([0, 0], bytes.subarray(0, 24), magic === magicLittleEndian)
  return sameChecksum(checksum, header.checksum) ? header : undefined
}

function parseFrameHeader(bytes: Buffer): FrameHeader {
  return {
    pageNumber: bytes.readUInt32BE(0),
    databasePages: bytes.readUInt32BE(4),
    salt1: bytes.readUInt32BE(8),
    salt2: bytes.readUInt32BE(12),
    checksum: [bytes.readUInt32BE(16), bytes.readUInt32BE(20)],
  }
}

/**
 * The log's checksum over the bytes so far, taken on over further ones: a Fletcher sum over pairs of 32-bit words. Because
 * it runs on through the whole log, a frame that is valid says that every frame before it is.
 */
export function addToChecksum([first, second]: Checksum, bytes: Buffer, littleEndian: boolean): Checksum {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let s0 = first
  let s1 = second
  for (let offset = 0; offset < bytes.length; offset += 8) {
    s0 = (s0 + words.getUint32(offset, littleEndian) + s1) >>> 0
    s1 = (s1 + words.getUint32(offset + 4, littleEndian) + s0) >>> 0
  }
  return [s0, s1]
}

function sameChecksum(one: Checksum, other: Checksum): boolean {
  return one[0] === other[0] && one[1] === other[1]
}

/** Fewer bytes than asked for if the file ends before. */
function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const count = readSync(file, bytes, read, length - read, position + read)
    if (count === 0) break
    read += count
  }
  return bytes.subarray(0, read)
}
