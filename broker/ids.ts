import { randomFillSync } from "node:crypto"
import { v7 } from "uuid"

const idBytes = 16
/** The machine's chance is asked for 256 ids at a time: a call for each cost as much as storing the message. */
const poolBytes = 256 * idBytes

/**
 * UUIDv7 (RFC 9562): sorts by time, and within a millisecond by a sequence, so that ids are in the order of sending and
 * unique even where `random` is a constant.
 */
export class IdSource {
  readonly #fill: (bytes: Uint8Array) => Uint8Array
  readonly #pool: Uint8Array
  #used: number
  #time = 0
  #sequence = 0

  /** With `random` given, the ids repeat themselves exactly, for simulations; else they come from the machine's chance. */
  constructor(random?: () => number) {
    this.#fill = random ? (bytes) => bytes.map(() => Math.floor(random() * 256)) : randomFillSync
    this.#pool = new Uint8Array(random ? idBytes : poolBytes)
    this.#used = this.#pool.length
  }

  /** The id of something that happens at `time`, in milliseconds since the epoch. */
  next(time: number): string {
    this.#sequence = time === this.#time ? this.#sequence + 1 : 0
    this.#time = time
    return v7({ msecs: time, seq: this.#sequence, random: this.#bytes() })
  }

  #bytes(): Uint8Array {
    if (this.#used === this.#pool.length) {
      this.#fill(this.#pool)
      this.#used = 0
    }
    this.#used += idBytes
    return this.#pool.subarray(this.#used - idBytes, this.#used)
  }
}
