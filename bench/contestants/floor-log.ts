import { partitionOf } from "../../broker/partition.ts"
import type { Channel, Handle, Order } from "../contestant.ts"
import { type Database, newToken, Turns } from "./turns.ts"

/** A message's place is its partition and its offset in one number: the table is its own index, and appending is all it does. */
const partitionSize = 2 ** 40

interface Sent {
  key: string
  json: string
  resolve: () => void
}

interface Row {
  place: number
  key: string
  body: string
}

/** One group's place in one partition. What was read and not handled is remembered in memory, and read again after a crash. */
interface Cursor {
  partition: number
  committed: number
  started: number
  /** Read and not done, by place; those that wait for their key have not been started. */
  readonly open: Set<number>
}

/**
 * The least that an ordered log can do: append with an offset, read on in batches, keep a cursor a partition. `started`
 * counts the attempt before a handler runs, and each cursor's commit names the generation in which its owner got it.
 */
export class FloorLog implements Channel {
  readonly #database: Database
  readonly #partitions: number
  readonly #turns: Turns
  readonly #last
  readonly #append
  readonly #read
  readonly #save
  #sent: Sent[] = []
  #group: FloorGroup | undefined

  constructor(database: Database, partitions: number) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS log (place INTEGER PRIMARY KEY, key TEXT NOT NULL, body TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS cursor (group_id INTEGER NOT NULL, partition INTEGER NOT NULL, generation INTEGER NOT NULL,
        committed INTEGER NOT NULL, started INTEGER NOT NULL, PRIMARY KEY (group_id, partition)) STRICT, WITHOUT ROWID;`)
    this.#database = database
    this.#partitions = partitions
    this.#last = database.prepare<[number, number], number>("SELECT max(place) FROM log WHERE place BETWEEN ? AND ?").pluck()
    this.#append = database.prepare<[number, string, string]>("INSERT INTO log (place, key, body) VALUES (?, ?, ?)")
    this.#read = database.prepare<[number, number, number], Row>(
      "SELECT place, key, body FROM log WHERE place BETWEEN ? AND ? ORDER BY place LIMIT CAST(? AS INTEGER)",
    )
    this.#save = database.prepare<[number, number, number, number, number]>(
      "UPDATE cursor SET committed = ?, started = ? WHERE group_id = ? AND partition = ? AND generation = ?",
    )
    this.#turns = new Turns(database, () => this.#turn())
  }

  send(order: Order, key: string): Promise<void> {
    const json = JSON.stringify(order)
    return new Promise((resolve) => {
      this.#sent.push({ key, json, resolve })
      this.#turns.ask()
    })
  }

  async consume(handle: Handle, handlers: number): Promise<void> {
    const id = newToken()
    const generation = 1
    const insert = this.#database.prepare("INSERT INTO cursor VALUES (?, ?, ?, ?, ?)")
    for (let partition = 0; partition < this.#partitions; partition++) {
      insert.run(id, partition, generation, partition * partitionSize, partition * partitionSize)
    }
    this.#group = new FloorGroup({
      partitions: this.#partitions,
      handlers,
      handle,
      ask: () => this.#turns.ask(),
      read: (partition, place, limit) => this.#read.all(place, (partition + 1) * partitionSize - 1, limit),
      save: ({ partition, committed, started }) => this.#save.run(committed, started, id, partition, generation).changes === 1,
    })
    this.#turns.ask()
  }

  #turn(): () => void {
    const sent = this.#sent
    this.#sent = []
    const ends = new Map<number, number>()
    for (const { key, json } of sent) {
      const partition = partitionOf(key, this.#partitions)
      const first = partition * partitionSize
      const last = ends.get(partition) ?? this.#last.get(first, first + partitionSize - 1) ?? first - 1
      this.#append.run(last + 1, key, json)
      ends.set(partition, last + 1)
    }
    const start = this.#group?.turn()
    return () => {
      for (const { resolve } of sent) resolve()
      start?.()
    }
  }
}

/** How far a hot key may make the group read ahead. */
const waitingMax = 1_000

/** A group's only member: it owns every partition. */
class FloorGroup {
  readonly #parts
  readonly #cursors: Cursor[]
  readonly #busyKeys = new Set<string>()
  /** Keys of which an earlier message waits in this turn. */
  readonly #held = new Set<string>()
  /** Read, but of a key that is being handled. */
  #waiting: { cursor: Cursor; row: Row }[] = []
  #moved = new Set<Cursor>()
  #free: number
  #first = 0

  constructor(parts: {
    partitions: number
    handlers: number
    handle: Handle
    ask: () => void
    read: (partition: number, place: number, limit: number) => Row[]
    save: (cursor: Cursor) => boolean
  }) {
    this.#parts = parts
    this.#free = parts.handlers
    this.#cursors = Array.from({ length: parts.partitions }, (_, partition) => ({
      partition,
      committed: partition * partitionSize,
      started: partition * partitionSize,
      open: new Set<number>(),
    }))
  }

  /** Called inside the transaction; returns what follows its commit. */
  turn(): () => void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#held.clear()
    const taken = waiting.filter(({ cursor, row }) => this.#take(cursor, row))
    this.#first++
    for (let index = 0; index < this.#cursors.length && this.#free > 0 && this.#waiting.length < waitingMax; index++) {
      const cursor = this.#cursors[(index + this.#first) % this.#cursors.length] as Cursor
      for (const row of this.#parts.read(cursor.partition, cursor.started, this.#free)) {
        cursor.started = row.place + 1
        cursor.open.add(row.place)
        this.#moved.add(cursor)
        if (this.#take(cursor, row)) taken.push({ cursor, row })
      }
    }
    for (const cursor of this.#moved) {
      // Places were added in order, so the first that is left is the oldest.
      cursor.committed = cursor.open.values().next().value ?? cursor.started
      if (!this.#parts.save(cursor)) throw new Error("The partition has another owner.")
    }
    this.#moved.clear()
    return () => {
      for (const { cursor, row } of taken) this.#start(cursor, row)
    }
  }

  #take(cursor: Cursor, row: Row): boolean {
    if (this.#free === 0 || this.#busyKeys.has(row.key) || this.#held.has(row.key)) {
      this.#held.add(row.key)
      this.#waiting.push({ cursor, row })
      return false
    }
    this.#busyKeys.add(row.key)
    this.#free--
    return true
  }

  #start(cursor: Cursor, row: Row): void {
    this.#parts.handle(JSON.parse(row.body)).then(() => {
      this.#busyKeys.delete(row.key)
      cursor.open.delete(row.place)
      this.#moved.add(cursor)
      this.#free++
      this.#parts.ask()
    })
  }
}
