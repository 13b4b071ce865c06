import BetterSqlite3 from "better-sqlite3"
import type { Broker, Database, Message, Outbox } from "#waystation"
import type { Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import { Crash, type Process } from "../support/process.ts"
import { Station } from "../support/station.ts"
import { LogReader } from "./log.ts"

export interface Order {
  readonly orderId: string
  readonly customerId: string
  readonly cents: number
}

export const order = (number: number, customer = number): Order => ({
  orderId: `order-${number}`,
  customerId: `customer-${customer}`,
  cents: 1_590,
})

export const service: Words = { ko: "주문 서비스", en: "the order service" }
export const relay: Words = { ko: "릴레이", en: "the relay" }
export const kitchen: Words = { ko: "주방", en: "the kitchen" }

/** Each stands on one page, and so the log tells the tables by name. */
const tables = `
  CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL CHECK (message_id <> ''),
    body TEXT NOT NULL CHECK (json_valid(body)), created_at INTEGER NOT NULL DEFAULT 0, published INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE orders (order_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, cents INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'PLACED')
    STRICT, WITHOUT ROWID;
  CREATE TABLE order_line (order_id TEXT, line INTEGER, item TEXT, PRIMARY KEY (order_id, line)) STRICT, WITHOUT ROWID`

/** What the learner's code has at hand. */
export interface Service {
  readonly process: Process
  readonly broker: Broker
  readonly database: Database
  readonly outbox: Outbox | undefined
}

/** How a call of the learner's code ended. */
export type Ending<Value> = { readonly value: Value } | { readonly thrown: unknown }

/** A run of the order service, with a database of its own, and of the kitchen, which notes what it hears. */
export class ShopRun extends Station {
  /** Only looks on. While it is open the log is not removed, whoever dies. */
  readonly reader: BetterSqlite3.Database
  /** What the kitchen heard, in this order; the same message again counts once. */
  readonly heard: unknown[] = []
  /** Whether the service has crashed, and was started again. */
  crashed = false
  readonly #log: LogReader
  readonly #kitchen: Process
  readonly #installation: BetterSqlite3.Database
  readonly #inbox = new Set<string>()
  #makeOutbox: ((database: Database) => Outbox) | undefined
  #service: Service | undefined
  #found: Finding | undefined

  /** @param channel that the kitchen listens to  @param pageBytes of the service's database */
  constructor(channel = "orders", pageBytes = 4_096) {
    super({ name: (body) => ({ message: nameOf(body) }) })
    this.#kitchen = this.process(kitchen)
    this.#installation = this.#kitchen.database("orders")
    if (pageBytes !== 4_096) {
      this.#installation.exec(`PRAGMA journal_mode = DELETE; PRAGMA page_size = ${pageBytes}; VACUUM; PRAGMA journal_mode = WAL`)
    }
    this.reader = new BetterSqlite3(this.#installation.name)
    this.#log = new LogReader(this.reader)
    this.install(tables)
    this.#kitchen.broker.queue(channel, { deduplicationMs: 0 }).consume((message) => this.#hear(message))
  }

  /** What was there before the story begins: it is in the database's file, and the log is empty. */
  install(sql: string): void {
    this.#installation.exec(sql)
    this.#installation.pragma("wal_checkpoint(TRUNCATE)")
  }

  /** The service has the broker's outbox. */
  prepare(makeOutbox: (database: Database) => Outbox): void {
    this.#makeOutbox = makeOutbox
    makeOutbox(this.#installation)
    this.install("")
  }

  start(crashAtEffect?: number): void {
    const process = this.process(service)
    const database = process.database("orders")
    this.#service = { process, broker: process.broker, database, outbox: this.#makeOutbox?.(database) }
    if (crashAtEffect !== undefined) process.crashAtEffect(crashAtEffect)
  }

  /** Runs the learner's code in the service; if that crashes it is started again. */
  async call<Value>(work: (service: Service) => Value | Promise<Value>): Promise<Ending<Value> | undefined> {
    const current = this.#service
    if (!current) throw new Error("The service was not started.")
    const ending = await endingOf(this, current.process, () => work(current))
    this.tellLog()
    if (current.process.alive) return ending
    this.crashed = true
    this.tell(service, "started", words("{0:이/가} 다시 시작해요", "{0} is started again", service))
    this.start()
    return undefined
  }

  /** STUCK: the service's connection still has a transaction open, and nothing of it is committed. */
  openTransaction(): Finding | undefined {
    const { process, database } = this.#service ?? {}
    if (!process?.alive || !database?.inTransaction) return undefined
    return {
      kind: "STUCK",
      headline: words("트랜잭션이 끝나지 않고 열려 있어요", "a transaction is still open"),
      note: words("예외가 나면 ROLLBACK이 있어야 해요", "after an exception there must be a ROLLBACK"),
    }
  }

  /** The relay that is given where the learner writes none: sends what the outbox holds, in order. */
  async relayOwn(): Promise<void> {
    const { broker } = this.relayProcess()
    type Row = { position: number; message_id: string; body: string }
    for (const { message_id, body } of rows<Row>(this.reader, "SELECT position, message_id, body FROM outbox ORDER BY position")) {
      const name = code(nameOf(JSON.parse(body)))
      this.tell(relay, "relayed", words("릴레이가 아웃박스의 {0:을/를} 보내요", "the relay sends {0} from the outbox", name))
      await this.until(broker.queue("orders", { deduplicationMs: 0 }).send(JSON.parse(body), { id: message_id }))
    }
    await this.settle()
  }

  relayProcess(): Process {
    return this.process(relay)
  }

  /** A connection to the service's database that never crashes. */
  ownDatabase(): Database {
    return this.#installation
  }

  /** Moves time on until the kitchen has heard of everything that was sent. */
  async settle(): Promise<void> {
    const { broker } = this.#kitchen
    await this.reaches(() => broker.inspect().queues.every(({ ready, delayed, inFlight }) => ready + delayed + inFlight === 0))
  }

  tell(who: Words, event: string, sentence: Words, message?: string): void {
    this.history.add({ process: who.en, who, event, words: sentence, ...(message !== undefined && { message }) })
  }

  /** Something that happens to the service. */
  told(ko: string, en: string, ...parts: readonly (string | number | Words)[]): void {
    this.tell(service, "told", words(ko, en, ...parts))
  }

  /** What has come to the log since it was told last. */
  tellLog(options?: { open: boolean }): void {
    for (const sentence of this.#log.news(options)) this.tell(service, "log", sentence)
  }

  /** What is found while the learner's code runs, and judged when it has ended. */
  noteFinding(finding: Finding): void {
    this.#found ??= finding
  }

  override judge(...findings: readonly (Finding | undefined)[]): void {
    super.judge(this.#found, ...findings)
  }

  /** The story so far. */
  steps(): Words[] {
    return this.history.steps.flatMap((step) => step.words ?? [])
  }

  #hear({ id, body }: Message): void {
    const name = code(nameOf(body))
    if (this.#inbox.has(id)) {
      const again = words(
        "주방이 {0:을/를} 받는데, 이미 본 아이디라 건너뛰어요",
        "the kitchen gets {0} under an id that it has seen, and skips it",
        name,
      )
      this.tell(kitchen, "skipped", again, nameOf(body))
      return
    }
    this.#inbox.add(id)
    this.heard.push(body)
    this.tell(kitchen, "heard", words("주방이 {0:을/를} 받아요", "the kitchen gets {0}", name))
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.reader.close()
    await super[Symbol.asyncDispose]()
  }
}

/** How the learner's code ends in a process; nothing if the process crashes meanwhile. */
export async function endingOf<Value>(
  run: Station,
  process: Process,
  work: () => Value | Promise<Value>,
): Promise<Ending<Value> | undefined> {
  let ending: Ending<Value> | undefined
  const begin = async () => work()
  begin().then(
    (value) => {
      ending = { value }
    },
    (thrown: unknown) => {
      if (!(thrown instanceof Crash)) ending = { thrown }
    },
  )
  await run.reaches(() => ending !== undefined || !process.alive)
  // Whatever the learner's own catch makes of a crash, the process is dead.
  return process.alive ? ending : undefined
}

export function nameOf(body: unknown): string {
  return (body as Partial<Order> | null)?.orderId ?? JSON.stringify(body) ?? String(body)
}

/** The rows of a query, as the database has them now. */
export function rows<Row>(database: Database, sql: string): Row[] {
  return database.prepare<[], Row>(sql).all()
}

/** How it is said that somebody was told of what is not, or not of what is. */
export interface Disagreement {
  readonly phantom: (it: string) => Words
  readonly lost: (it: string) => Words
}

/** What is in the database, and what the kitchen heard, must be the same. */
export function disagreement(stored: readonly unknown[], heard: readonly unknown[], said: Disagreement): Finding | undefined {
  const is = stored.map(canonical)
  const told = heard.map(canonical)
  const extra = heard.find((_, index) => !is.includes(told[index] ?? ""))
  if (extra !== undefined) return { kind: "PHANTOM", headline: said.phantom(code(JSON.stringify(extra))) }
  const missing = stored.find((_, index) => !told.includes(is[index] ?? ""))
  if (missing !== undefined) return { kind: "LOST", headline: said.lost(code(nameOf(missing))) }
  const twice = heard.find((_, index) => told.indexOf(told[index] ?? "") < index)
  if (twice === undefined) return undefined
  const headline = words(
    "주방이 {0:을/를} 아이디가 다른 메시지로 두 번 받았어요",
    "the kitchen got {0} twice, under two ids",
    code(nameOf(twice)),
  )
  return { kind: "DUPLICATED", headline }
}

/** The order of a body's members says nothing. */
function canonical(body: unknown): string {
  return typeof body === "object" && body !== null ? JSON.stringify(Object.entries(body).sort()) : (JSON.stringify(body) ?? "")
}
