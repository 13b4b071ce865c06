/** A callback that waits for its time. */
export interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** Timers in the order in which they fall due; those of one instant in the order in which they were set. */
export class Timeline<Kind extends Timer = Timer> {
  readonly #timers: Kind[] = []

  get size(): number {
    return this.#timers.length
  }

  get next(): Kind | undefined {
    return this.#timers[0]
  }

  /** Returns a function that takes the timer out again; taking out twice is fine. */
  add(timer: Kind): () => void {
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#timers[middle] as Kind).at <= timer.at) low = middle + 1
      else high = middle
    }
    this.#timers.splice(low, 0, timer)
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index >= 0) this.#timers.splice(index, 1)
    }
  }

  /** Takes out the first timer if it is due. */
  takeDue(now: number): Kind | undefined {
    const first = this.#timers[0]
    return first !== undefined && first.at <= now ? this.#timers.shift() : undefined
  }
}
