import type { Channel, Handle, Order } from "../contestant.ts"
import { type Database, leaseMs, newToken, Turns } from "./turns.ts"

interface Sent {
  json: string
  resolve: () => void
}

interface Leased {
  message: number
  token: number
}

interface Subscription {
  number: number
  free: number
  mayHaveMore: boolean
  done: Leased[]
}

/**
 * The least that durable subscriptions can do: a message is stored once, each subscription has a row of its own for it with
 * lease, token and attempt, and the message goes when the slowest subscription has passed it.
 */
export class FloorTopic implements Channel {
  readonly #turns: Turns
  readonly #subscriptions: Subscription[]
  readonly #insert
  readonly #fanOut
  readonly #claim
  readonly #settle
  readonly #sweep
  #sent: Sent[] = []
  #handle: Handle | undefined

  constructor(database: Database, subscriptions: number) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS subscription (number INTEGER PRIMARY KEY) STRICT;
      CREATE TABLE IF NOT EXISTS delivery (
        subscription INTEGER NOT NULL, message INTEGER NOT NULL, visible_at INTEGER NOT NULL, token INTEGER, attempt INTEGER NOT NULL,
        PRIMARY KEY (subscription, message)) STRICT, WITHOUT ROWID;`)
    const subscribe = database.prepare<[number]>("INSERT INTO subscription (number) VALUES (?)")
    for (let number = 0; number < subscriptions; number++) subscribe.run(number)
    this.#subscriptions = Array.from({ length: subscriptions }, (_, number) => ({ number, free: 0, mayHaveMore: true, done: [] }))
    this.#insert = database.prepare<[string]>("INSERT INTO message (body) VALUES (?)")
    this.#fanOut = database.prepare<[number | bigint, number]>(
      "INSERT INTO delivery (subscription, message, visible_at, attempt) SELECT number, ?, ?, 0 FROM subscription",
    )
    this.#claim = database.prepare<[number, number, number, number, number, number], { message: number; body: string }>(
      `UPDATE delivery SET visible_at = ?, token = ?, attempt = attempt + 1
       WHERE subscription = ? AND message IN (
         SELECT message FROM delivery WHERE subscription = CAST(? AS INTEGER) AND visible_at <= ? ORDER BY message LIMIT CAST(? AS INTEGER))
       RETURNING message, (SELECT body FROM message WHERE id = message) AS body`,
    )
    this.#settle = database.prepare<[number, number, number]>("DELETE FROM delivery WHERE subscription = ? AND message = ? AND token = ?")
    this.#sweep = database.prepare(
      `DELETE FROM message WHERE id < (
         SELECT min(ifnull((SELECT min(message) FROM delivery WHERE subscription = number), 9e15)) FROM subscription)`,
    )
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
    for (const subscription of this.#subscriptions) subscription.free = handlers
    this.#turns.ask()
  }

  #turn(): () => void {
    const sent = this.#sent
    this.#sent = []
    const now = Date.now()
    for (const { json } of sent) this.#fanOut.run(this.#insert.run(json).lastInsertRowid, now)
    let settled = 0
    const starts = this.#subscriptions.map((subscription) => {
      subscription.mayHaveMore ||= sent.length > 0
      settled += subscription.done.length
      return this.#serve(subscription, now)
    })
    if (settled > 0) this.#sweep.run()
    return () => {
      for (const { resolve } of sent) resolve()
      for (const start of starts) start()
    }
  }

  #serve(subscription: Subscription, now: number): () => void {
    for (const { message, token } of subscription.done) this.#settle.run(subscription.number, message, token)
    subscription.done = []
    const asked = subscription.mayHaveMore ? subscription.free : 0
    if (asked === 0) return () => {}
    const token = newToken()
    const rows = this.#claim.all(now + leaseMs, token, subscription.number, subscription.number, now, asked)
    return () => {
      subscription.mayHaveMore = rows.length === asked
      subscription.free -= rows.length
      for (const { message, body } of rows) this.#start(subscription, { message, token }, body)
    }
  }

  #start(subscription: Subscription, lease: Leased, body: string): void {
    this.#handle?.(JSON.parse(body)).then(() => {
      subscription.done.push(lease)
      subscription.free++
      this.#turns.ask()
    })
  }
}
