import type { Channel, Handle, Order } from "../contestant.ts"
import { type Database, leaseMs, newToken, Turns } from "./turns.ts"

interface Sent {
  json: string
  resolve: () => void
}

interface Leased {
  id: number
  token: number
}

/**
 * The least that a durable queue can do: one row in, one claim of as many as there are free hands, one row out. No names,
 * no headers, no delays, no dead letters, no checks; but every message is committed before its `send` resolves, leased with
 * a token that the settlement names, its attempt counted, and due again when the lease ends.
 */
export class FloorQueue implements Channel {
  readonly #turns: Turns
  readonly #insert
  readonly #claim
  readonly #settle
  #sent: Sent[] = []
  #done: Leased[] = []
  #handle: Handle | undefined
  #free = 0
  #mayHaveMore = true

  constructor(database: Database) {
    database.exec(`CREATE TABLE IF NOT EXISTS message (
      id INTEGER PRIMARY KEY, visible_at INTEGER NOT NULL, token INTEGER, attempt INTEGER NOT NULL, body TEXT NOT NULL) STRICT`)
    this.#insert = database.prepare<[number, string]>("INSERT INTO message (visible_at, attempt, body) VALUES (?, 0, ?)")
    // The rows under lease are the oldest, and few: the scan passes over them quicker than an index could be kept.
    this.#claim = database.prepare<[number, number, number, number], { id: number; body: string }>(
      `UPDATE message SET visible_at = ?, token = ?, attempt = attempt + 1
       WHERE id IN (SELECT id FROM message WHERE visible_at <= ? ORDER BY id LIMIT CAST(? AS INTEGER)) RETURNING id, body`,
    )
    this.#settle = database.prepare<[number, number]>("DELETE FROM message WHERE id = ? AND token = ?")
    this.#turns = new Turns(database, () => this.#turn())
  }

  send(order: Order): Promise<void> {
    const json = JSON.stringify(order)
    return new Promise((resolve) => {
      this.#sent.push({ json, resolve })
      this.#turns.ask()
    })
  }

  async consume(handle: Handle, handlers: number): Promise<void> {
    this.#handle = handle
    this.#free = handlers
    this.#turns.ask()
  }

  #turn(): () => void {
    const sent = this.#sent
    const done = this.#done
    this.#sent = []
    this.#done = []
    const now = Date.now()
    for (const { json } of sent) this.#insert.run(now, json)
    for (const { id, token } of done) this.#settle.run(id, token)
    this.#mayHaveMore ||= sent.length > 0
    const token = newToken()
    const asked = this.#mayHaveMore ? this.#free : 0
    const rows = asked > 0 ? this.#claim.all(now + leaseMs, token, now, asked) : []
    return () => {
      this.#mayHaveMore = asked === 0 ? this.#mayHaveMore : rows.length === asked
      this.#free -= rows.length
      for (const { resolve } of sent) resolve()
      for (const { id, body } of rows) this.#start({ id, token }, body)
    }
  }

  #start(lease: Leased, body: string): void {
    this.#handle?.(JSON.parse(body)).then(() => {
      this.#done.push(lease)
      this.#free++
      this.#turns.ask()
    })
  }
}
