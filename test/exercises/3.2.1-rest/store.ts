import type { Broker } from "#waystation"
import type { History } from "../support/history.ts"
import { code, say, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import type { Process } from "../support/process.ts"

export type Draft = { readonly customerId: string; readonly dishes: readonly { readonly dish: string; readonly quantity: number }[] }
export type Order = Draft & { readonly id: string; readonly totalWon: number }
type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
export type Kept = { readonly draft: Draft; readonly answer: Answer }

/** The order service's tables in SQLite, through the connection of a process that may crash. */
export class Store {
  readonly #broker: Broker
  readonly #history: History

  constructor(process: Process, history: History) {
    this.#broker = process.broker
    this.#history = history
    this.#broker.database.exec(`
      CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;`)
  }

  readonly transaction = <Value>(work: () => Value): Value => {
    this.#tell("주문 서비스가 트랜잭션을 시작해요", "the order service begins a transaction")
    const value = this.#broker.transaction(work)
    this.#tell("커밋돼요", "it is committed")
    return value
  }

  readonly insert = (draft: Draft, totalWon: number): Order => {
    const insert = this.#broker.database.prepare<[string], { number: number }>("INSERT INTO orders (content) VALUES (?) RETURNING number")
    const id = `order-${insert.get(JSON.stringify({ ...draft, totalWon }))?.number}`
    this.#tell("주문 서비스가 {0:을/를} 써요", "the order service writes {0}", code(id))
    return { ...draft, id, totalWon }
  }

  readonly kept = (key: string): Kept | undefined => {
    const row = this.#broker.database.prepare<[string], { content: string }>("SELECT content FROM kept WHERE key = ?").get(key)
    return row && (JSON.parse(row.content) as Kept)
  }

  readonly keep = (key: string, kept: Kept): void => {
    const named = /^key-\d$/.test(key) ? code(key) : words("스스로 지은 키", "a key of its own making")
    const add = "INSERT INTO kept VALUES (?, ?) ON CONFLICT DO NOTHING"
    if (this.#broker.database.prepare(add).run(key, JSON.stringify(kept)).changes === 0)
      throw new Refusal(say(words("{0}에는 이미 응답이 있어요", "{0} has an answer already", key)))
    this.#tell("주문 서비스가 {0}의 응답 {1:을/를} 써요", "the order service writes the answer to {0}, {1}", named, kept.answer.status)
  }

  /** As they stand in the file. */
  orders(): Order[] {
    const rows = this.#broker.database.prepare<[], { number: number; content: string }>("SELECT * FROM orders ORDER BY number").all()
    return rows.map(({ number, content }) => ({ ...(JSON.parse(content) as Draft & { totalWon: number }), id: `order-${number}` }))
  }

  keys(): string[] {
    return this.#broker.database.prepare<[], string>("SELECT key FROM kept ORDER BY key").pluck().all()
  }

  #tell(ko: string, en: string, ...parts: readonly (string | number | Words)[]): void {
    this.#history.add({ process: "the order service", event: "told", words: words(ko, en, ...parts) })
  }
}
