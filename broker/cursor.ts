import type { Store } from "./storage/store.ts"

/**
 * How far a group has come in one partition. Everything before `committed` is settled; `ahead` has one letter for each
 * message from there on that was looked at, because messages of different keys are handled side by side and end out of
 * order: d done, s started, . left until its key is free.
 *
 * The idea: Confluent's Parallel Consumer, which keeps the same map in the metadata of Kafka's offset commit.
 */
export interface CursorRow {
  partition: number
  generation: number
  committed: number
  ahead: string
}

/** How far a group looks past its oldest unfinished message: what a slow handler can hold up. */
export const aheadMax = 1_000

export class Cursor {
  readonly generation: number
  committed: number
  /** Letters one by one while they are written: a string would be copied for each message. */
  readonly #ahead: string[]
  #changed = false

  constructor(row: CursorRow) {
    this.generation = row.generation
    this.committed = row.committed
    this.#ahead = row.ahead.split("")
  }

  get ahead(): string {
    return this.#ahead.join("")
  }

  get changed(): boolean {
    return this.#changed
  }

  /** The first message that was left for later, or else the first that nobody has looked at. */
  get next(): number {
    const waiting = this.#ahead.indexOf(".")
    return waiting === -1 ? this.end : this.committed + waiting
  }

  /** The first message that nobody has looked at. */
  get end(): number {
    return this.committed + this.#ahead.length
  }

  get started(): number[] {
    return this.#ahead.flatMap((letter, index) => (letter === "s" ? [this.committed + index] : []))
  }

  /** Messages past `committed` that are settled. */
  get done(): number {
    return this.#ahead.filter((letter) => letter === "d").length
  }

  isWaiting(position: number): boolean {
    return this.#ahead[position - this.committed] === "."
  }

  isStarted(position: number): boolean {
    return this.#ahead[position - this.committed] === "s"
  }

  mark(position: number, letter: "d" | "s" | "."): void {
    // What retention took away while nobody looked counts as done.
    while (this.end < position) this.#ahead.push("d")
    this.#ahead[position - this.committed] = letter
    this.#changed = true
  }

  /** Moves `committed` over what is done, and over what retention took away before it was started. Returns whether it moved. */
  advance(startOffset: number): boolean {
    let done = 0
    while (this.#ahead[done] === "d") done++
    while (this.committed + done < startOffset && this.#ahead[done] !== "s") done++
    if (done === 0) return false
    this.committed += done
    this.#ahead.splice(0, done)
    this.#changed = true
    return true
  }
}

export function insertCursor(store: Store, group: number, partition: number, committed: number): void {
  store
    .sql("INSERT INTO waystation_cursor (group_id, partition, generation, committed) VALUES (?, ?, 0, ?)")
    .run(group, partition, committed)
}

export function findCursor(store: Store, group: number, partition: number): CursorRow {
  return store
    .sql<CursorRow>("SELECT partition, generation, committed, ahead FROM waystation_cursor WHERE group_id = ? AND partition = ?")
    .get(group, partition) as CursorRow
}

export function saveCursor(store: Store, group: number, partition: number, cursor: Cursor): void {
  store
    .sql("UPDATE waystation_cursor SET committed = ?, ahead = ? WHERE group_id = ? AND partition = ?")
    .run(cursor.committed, cursor.ahead, group, partition)
}

/** From here on, only commits that name this generation are accepted. */
export function fenceCursor(store: Store, group: number, partition: number, generation: number): void {
  store.sql("UPDATE waystation_cursor SET generation = ? WHERE group_id = ? AND partition = ?").run(generation, group, partition)
}

export function holdsCursor(store: Store, group: number, partition: number, generation: number): boolean {
  return findCursor(store, group, partition).generation === generation
}

export function isStarted(store: Store, group: number, lease: { partition: number; generation: number; position: number }): boolean {
  const row = findCursor(store, group, lease.partition)
  return row.generation === lease.generation && row.ahead[lease.position - row.committed] === "s"
}

/** Marks a started message as done. `false`, and nothing changed, if the partition has changed hands since it was started. */
export function finishStarted(store: Store, group: number, lease: { partition: number; generation: number; position: number }): boolean {
  const { partition, generation, position } = lease
  const { changes } = store
    .sql(
      `UPDATE waystation_cursor
       SET ahead = substr(ahead, 1, ? - committed) || 'd' || substr(ahead, ? - committed + 2)
       WHERE group_id = ? AND partition = ? AND generation = ?
         AND ? >= committed AND substr(ahead, ? - committed + 1, 1) = 's'`,
    )
    .run(position, position, group, partition, generation, position, position)
  return changes === 1
}

/** Sets the group back or forward. What is in progress in the partition is fenced off. */
export function resetCursor(store: Store, group: number, row: Omit<CursorRow, "ahead">): void {
  store
    .sql("UPDATE waystation_cursor SET generation = ?, committed = ?, ahead = '' WHERE group_id = ? AND partition = ?")
    .run(row.generation, row.committed, group, row.partition)
}
