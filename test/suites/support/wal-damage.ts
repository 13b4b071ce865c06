import { addToChecksum, type Checksum } from "../../../broker/relay/wal-file.ts"
import type { Chance } from "../../../broker/testing/chance.ts"

export const headerBytes = 32
const frameHeaderBytes = 24

/** One piece of damage to a log, from byte `first` on. */
export function damageOnce(log: Buffer, first: number, pageSize: number, chance: Chance): void {
  const frameBytes = frameHeaderBytes + pageSize
  const frames = Math.max(Math.floor((log.length - first) / frameBytes), 1)
  const frame = () => first + chance.integer(0, frames - 1) * frameBytes
  const anywhere = () => chance.integer(first, log.length - 8)
  // Where it hurts most: the frame's header, the page's header and its cell pointers, and anywhere in the page.
  const sore = () => Math.min(frame() + chance.integer(0, chance.pick([24, 60, 100, frameBytes - 1])), log.length - 8)
  const kinds: (() => void)[] = [
    () => {
      const at = sore()
      log[at] = (log[at] ?? 0) ^ (1 << chance.integer(0, 7))
    },
    () => {
      log[sore()] = chance.pick([0, 1, 2, 5, 10, 13, 127, 128, 255])
    },
    () => {
      log.writeUInt16BE(chance.pick([0, 1, 8, pageSize - 1, pageSize, 0xffff, chance.integer(0, pageSize)]) & 0xffff, sore())
    },
    () => {
      log.writeUInt32BE(chance.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xffffffff, 0x7fffffff]), sore())
    },
    () => {
      const from = anywhere()
      log.copy(log, anywhere(), from, from + chance.integer(1, 64))
    },
    () => {
      const from = frame()
      log.copy(log, frame(), from, Math.min(from + frameBytes, log.length))
    },
    () => {
      const from = anywhere()
      log.fill(chance.pick([0, 13, 255]), from, Math.min(from + chance.integer(1, 200), log.length))
    },
  ]
  chance.pick(kinds)()
}

/** As if SQLite had written the damage itself: nothing but the contents can be wrong then. */
export function mendChecksums(log: Buffer, pageSize: number): void {
  const littleEndian = (log.readUInt32BE(0) & 1) === 0
  let checksum: Checksum = [0, 0]
  const add = (from: number, length: number) => {
    checksum = addToChecksum(checksum, log.subarray(from, from + length), littleEndian)
  }
  const put = (at: number) => {
    log.writeUInt32BE(checksum[0], at)
    log.writeUInt32BE(checksum[1], at + 4)
  }
  add(0, 24)
  put(24)
  for (let frame = headerBytes; frame + frameHeaderBytes + pageSize <= log.length; frame += frameHeaderBytes + pageSize) {
    log.copy(log, frame + 8, 16, 24)
    add(frame, 8)
    add(frame + frameHeaderBytes, pageSize)
    put(frame + 16)
  }
}
