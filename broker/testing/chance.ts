/**
 * Chance that repeats itself: Mulberry32, a generator of 32 bits of state. Good enough to pick schedules with, small
 * enough to be the same on every runtime; nothing for secrets.
 */
export class Chance {
  readonly #seed: number
  #state: number

  constructor(seed: number) {
    this.#seed = seed | 0
    this.#state = this.#seed
  }

  /** From 0 to below 1. Bound, so that it can be handed over as `random`. */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  happens(probability: number): boolean {
    return this.next() < probability
  }

  /** One of the items; there must be one. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.integer(0, items.length - 1)] as Item
  }

  /** A stream of its own: what one part of a run draws does not move what another part will draw. */
  stream(name: string): Chance {
    // FNV-1a over the name, begun with the seed.
    let hash = (0x811c9dc5 ^ this.#seed) | 0
    for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
    return new Chance(Math.imul(hash ^ (hash >>> 16), 0x85ebca6b))
  }
}
