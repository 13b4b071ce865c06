import BetterSqlite3 from "better-sqlite3"
import type { Database, Queue } from "#waystation"
import type { Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { endingOf, nameOf, order, relay, rows, ShopRun, service } from "./shop.ts"

/** What the learner's relay has at hand. */
export interface RelayProcess {
  readonly process: Process
  readonly database: Database
  readonly kitchen: Queue<unknown>
}

/** A run of the learner's relay. The order service, which is given, writes orders and outbox rows. */
export class RelayRun extends ShopRun {
  /** What the service committed to the outbox, in this order. */
  readonly committed: { readonly position: number; readonly body: unknown }[] = []
  relayCrashed = false
  readonly #service: BetterSqlite3.Database
  /** By the order's number: what the broker refuses once. */
  readonly #refused = new Set<string>()
  readonly #work: (relay: RelayProcess) => Promise<void>
  #meanwhile: (() => void) | undefined
  #crashAtEffect: number | undefined
  #relay: RelayProcess | undefined
  /** Whether the broker has refused something in this round. */
  #refusing = false
  /** Whether a message had to be sent again. */
  #interrupted = false

  constructor(work: (relay: RelayProcess) => Promise<void>, crashAtEffect?: number, pageBytes?: number) {
    super("orders", pageBytes)
    this.#work = work
    this.#crashAtEffect = crashAtEffect
    // Whoever keeps the database to themselves is found out at once.
    this.#service = new BetterSqlite3(this.reader.name, { timeout: 0 })
    this.#service.pragma("wal_autocheckpoint = 0")
  }

  /** The service's own connection. */
  get service(): BetterSqlite3.Database {
    return this.#service
  }

  /** Stores an order with its outbox row, in one transaction. */
  place(number: number, { createdAt = 0, position, by = service }: { createdAt?: number; position?: number; by?: Words } = {}): void {
    const insert = this.#service.transaction(() => this.insert(number, createdAt, position))
    const { changes } = this.#mustGet(insert)
    if (changes === 0) return
    const place = this.committed.at(-1)?.position ?? 0
    const clock = createdAt > 0 ? `, created_at ${createdAt}` : ""
    this.told("{0:이/가} {1:을/를} 저장해요. position {2}{3}", "{0} stores {1}: position {2}{3}", by, code(`order-${number}`), place, clock)
    this.tellLog()
  }

  /** The statements of `place`, for a transaction that somebody else begins and ends. */
  insert(number: number, createdAt = 0, position?: number): { changes: number } {
    const body = order(number)
    this.#service
      .prepare("INSERT INTO orders (order_id, customer_id, cents) VALUES (?, ?, ?)")
      .run(body.orderId, body.customerId, body.cents)
    const { changes, lastInsertRowid } = this.#service
      .prepare("INSERT INTO outbox (position, message_id, body, created_at) VALUES (?, ?, ?, ?)")
      .run(position ?? null, `message-${number}`, JSON.stringify(body), createdAt)
    this.committed.push({ position: Number(lastInsertRowid), body })
    return { changes }
  }

  /** At the relay's next send, while it waits for the broker. */
  meanwhile(happens: () => void): void {
    this.#meanwhile = happens
  }

  /** The broker refuses this order's message once. */
  refuse(number: number): void {
    this.#refused.add(`order-${number}`)
  }

  /** One round of the relay; another, if it crashed. */
  async round(): Promise<void> {
    this.#relay ??= this.#start()
    const { process } = this.#relay
    this.#refusing = false
    const ending = await endingOf(this, process, () => this.#work(this.#relay as RelayProcess))
    this.tellLog()
    this.judge()
    if (!process.alive) {
      this.relayCrashed = true
      this.#interrupted = true
      this.#relay = undefined
      await this.settle()
      this.tell(relay, "started", words("릴레이가 다시 시작해요", "the relay is started again"))
      return await this.round()
    }
    // What a relay makes of a refusal is its own affair.
    if (ending && "thrown" in ending && !this.#refusing) throw ending.thrown
    await this.settle()
  }

  /** LOST, PHANTOM, REORDERED or DUPLICATED. `inOrder`: whether positions grew in the order of the commits. */
  findings(inOrder = true): (Finding | undefined)[] {
    const sorted = this.committed.toSorted((one, other) => one.position - other.position).map(({ body }) => body)
    return [
      this.#unknown(),
      ...sorted.map((body) => this.#unheard(body)),
      inOrder ? this.#overtaken(sorted) : undefined,
      this.#heardTwice(),
      this.#sentAgain(),
    ]
  }

  #start(): RelayProcess {
    const process = this.process(relay)
    const database = process.database("orders")
    if (this.#crashAtEffect !== undefined) process.crashAtEffect(this.#crashAtEffect)
    this.#crashAtEffect = undefined
    return { process, database, kitchen: this.#watchedQueue(process) }
  }

  /** The real queue, whose sends are told, and refused where they are to be. */
  #watchedQueue(process: Process): Queue<unknown> {
    const queue = process.broker.queue<unknown>("orders", { deduplicationMs: 0 })
    const watched = async <Result>(bodies: readonly unknown[], send: () => Promise<Result>): Promise<Result> => {
      for (const body of bodies)
        if (process.alive) this.tell(relay, "sends", words("릴레이가 {0:을/를} 보내요", "the relay sends {0}", code(nameOf(body))))
      const happens = this.#meanwhile
      this.#meanwhile = undefined
      happens?.()
      const refused = bodies.find((body) => this.#refused.delete(nameOf(body)))
      if (refused === undefined) return await send()
      this.#interrupted = true
      this.#refusing = true
      await process.sleep(10)
      this.tell(relay, "refused", words("브로커가 {0:을/를} 받지 못해요", "the broker cannot take {0}", code(nameOf(refused))))
      throw new Error("The broker cannot take messages now.")
    }
    const quiet = <Result>(sent: Promise<Result>): Promise<Result> => {
      // Who does not wait for it does not hear of it.
      sent.catch(() => {})
      return sent
    }
    return new Proxy(queue, {
      get(target, property) {
        if (property === "send") return (...parts: Parameters<typeof queue.send>) => quiet(watched([parts[0]], () => target.send(...parts)))
        if (property !== "sendMany") return Reflect.get(target, property, target)
        return (items: Parameters<typeof queue.sendMany>[0]) => {
          const all = Array.from(items)
          const bodies = all.map((item) => (Array.isArray(item) ? item[0] : item))
          return quiet(watched(bodies, () => target.sendMany(all)))
        }
      },
    })
  }

  /** The service does not wait: that it cannot write is told, and is the relay's doing. */
  #mustGet(insert: { immediate(): { changes: number } }): { changes: number } {
    try {
      return insert.immediate()
    } catch (error) {
      if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error
      this.told(
        "주문 서비스가 다음 주문을 저장하려는데 데이터베이스가 잠겨 있어요",
        "the order service wants to store the next order, and the database is locked",
      )
      this.noteFinding({
        kind: "STUCK",
        headline: words(
          "릴레이가 보내는 동안 주문 서비스가 아무것도 저장하지 못해요",
          "the order service can store nothing while the relay sends",
        ),
        note: words(
          "브로커를 기다리는 동안 쓰기 트랜잭션을 열어 두지 마세요",
          "no write transaction should be open while the broker is waited for",
        ),
      })
      return { changes: 0 }
    }
  }

  #unknown(): Finding | undefined {
    const known = rows<{ name: string }>(this.reader, "SELECT order_id AS name FROM orders").map(({ name }) => name)
    const body = this.heard.find((one) => !known.includes(nameOf(one)))
    if (body === undefined) return undefined
    const headline = words(
      "주방이 {0:을/를} 받았는데 그런 주문은 커밋된 적이 없어요",
      "the kitchen got {0}, and no such order was committed",
      code(nameOf(body)),
    )
    return { kind: "PHANTOM", headline }
  }

  #unheard(body: unknown): Finding | undefined {
    if (this.heard.some((one) => JSON.stringify(one) === JSON.stringify(body))) return undefined
    const headline = words(
      "{0:은/는} 커밋됐는데 주방은 받지 못했어요",
      "{0} was committed, and the kitchen never got it",
      code(nameOf(body)),
    )
    return { kind: "LOST", headline }
  }

  #overtaken(sorted: readonly unknown[]): Finding | undefined {
    const place = (body: unknown) => sorted.findIndex((one) => nameOf(one) === nameOf(body))
    const index = this.heard.findIndex((body, at) => at > 0 && place(body) < place(this.heard[at - 1]))
    if (index === -1) return undefined
    const [before, after] = [this.heard[index], this.heard[index - 1]].map((body) => code(nameOf(body))) as [string, string]
    const headline = words("주방이 {0:을/를} {1}보다 먼저 받았어요", "the kitchen got {0} before {1}", after, before)
    return { kind: "REORDERED", headline }
  }

  #heardTwice(): Finding | undefined {
    const names = this.heard.map(nameOf)
    const name = names.find((one, index) => names.indexOf(one) < index)
    if (name === undefined) return undefined
    const headline = words("주방이 {0:을/를} 아이디가 다른 메시지로 두 번 받았어요", "the kitchen got {0} twice, under two ids", code(name))
    return { kind: "DUPLICATED", headline }
  }

  /** After a crash or a refusal that cannot be helped. */
  #sentAgain(): Finding | undefined {
    const [again] = this.history.of("skipped")
    if (this.#interrupted || !again) return undefined
    const headline = words(
      "죽지도 거절되지도 않았는데 {0:을/를} 두 번 보냈어요",
      "{0} was sent twice, without a crash or a refusal",
      code(again.message),
    )
    return { kind: "DUPLICATED", headline, until: again }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#service.close()
    await super[Symbol.asyncDispose]()
  }
}
