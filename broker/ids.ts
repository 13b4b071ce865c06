import { v7 } from "uuid"

/**
 * UUIDv7 (RFC 9562): sorts by time, and within a millisecond by a sequence, so that ids are in the order of sending and
 * unique even where `random` is a constant.
 */
export class IdSource {
  readonly #random: (() => number) | undefined
  #time = 0
  #sequence = 0

  /** With `random` given, the ids repeat themselves exactly, for simulations; else they come from the machine's chance. */
  constructor(random?: () => number) {
    this.#random = random
  }

  /** The id of something that happens at `time`, in milliseconds since the epoch. */
  next(time: number): string {
    this.#sequence = time === this.#time ? this.#sequence + 1 : 0
    this.#time = time
    const random = this.#random
    const position = { msecs: time, seq: this.#sequence }
    if (!random) return v7(position)
    return v7({ ...position, random: Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)) })
  }
}
