/** Knows its own place, so that it is found without a search. */
interface Placed {
  place: number
}

/**
 * What a consumer's handlers are at work on, in no order.
 *
 * Not a `Set`, which is right and was slow: one that is filled and emptied all the time outgrows a table every few dozen
 * messages, and V8's outgrown tables point to the next one. Once the collector had taken one for old, each kept the next
 * alive with all that had stood in it: two in five messages outlived their handling, and a replay took twice the memory.
 */
export class InFlight<Item extends Placed> {
  readonly #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  add(item: Item): void {
    item.place = this.#items.push(item) - 1
  }

  /** What is not there, or no longer, is left alone. */
  delete(item: Item): void {
    if (this.#items[item.place] !== item) return
    const last = this.#items.pop() as Item
    if (last === item) return
    last.place = item.place
    this.#items[item.place] = last
  }

  filter(wanted: (item: Item) => boolean): Item[] {
    return this.#items.filter(wanted)
  }
}
