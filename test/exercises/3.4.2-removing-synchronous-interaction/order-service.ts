import { mkdirSync } from "node:fs"
import BetterSqlite3 from "better-sqlite3"
import { type Broker, type Consumer, createOutbox, type Database, type Outbox, type Publisher, type Relay, relayOutbox } from "#waystation"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { Station } from "../support/station.ts"

export const orderService: Words = { ko: "주문 서비스", en: "the order service" }

export const hourMs = 3_60_000

const tables = `
  CREATE TABLE menu (dish TEXT PRIMARY KEY, version INTEGER NOT NULL, cents INTEGER) STRICT;
  CREATE TABLE orders (id TEXT PRIMARY KEY, consumer_id TEXT NOT NULL, items TEXT NOT NULL, status TEXT NOT NULL) STRICT;
  CREATE TABLE validation (order_id TEXT, answered_by TEXT, passed INTEGER NOT NULL, PRIMARY KEY (order_id, answered_by)) STRICT`

/** Its channels. In what the outbox sends, any other name is a mistake. */
export const channels = { events: "order-events", deadlines: "order-deadlines" } as const

/** What the learner's code of the order service has in one life of its process. */
export interface Life {
  readonly process: Process
  readonly broker: Broker
  readonly database: Database
  readonly outbox: Outbox
}

/** A run of the order service: its database and its outbox live on when its process crashes, and so does the relay, which is another's. */
export class OrderServiceRun extends Station {
  /** Looks on, and prepares what is to be there: no effect of the learner's. */
  readonly reader: BetterSqlite3.Database
  /** Of the world around: who sends to the order service, and who hears of it. */
  readonly world: Process
  /** What has gone out on the channel of the orders' events. */
  readonly heard: unknown[] = []
  readonly #path: string
  readonly #hasOutbox: boolean
  #listener: Consumer | undefined
  #relay: Relay | undefined

  /** @param options.hasOutbox whether it sends: if not, the run is spared a relay. @default true */
  constructor({ hasOutbox = true }: { hasOutbox?: boolean } = {}) {
    super({ name: () => ({ message: "" }) }, { leaseMs: 1_000 })
    this.world = this.process({ ko: "다른 서비스들", en: "the other services" })
    const installed = this.world.database("orders")
    installed.exec(tables)
    this.#path = installed.name
    // As for the broker's file: nudges are not in virtual time.
    mkdirSync(`${this.#path}-wake`)
    this.reader = new BetterSqlite3(this.#path)
    this.#hasOutbox = hasOutbox
    if (!hasOutbox) return
    this.world.broker.queue(channels.deadlines)
    this.#listener = this.#listening()
  }

  /** The process of the order service begins to live; the code that is given runs in it, and may crash at once. */
  start(begin: (life: Life) => void, crashAtEffect?: number): Process {
    const process = this.process(orderService)
    const { broker } = process
    const database = process.database("orders")
    const outbox = this.#hasOutbox ? this.#outbox(database) : noOutbox
    if (crashAtEffect !== undefined) process.crashAtEffect(crashAtEffect)
    process.run(() => begin({ process, broker, database, outbox }))
    return process
  }

  /**
   * A process that consumes, started again when it crashes, until nothing waits for it any more. `said` tells a message that is
   * delivered, by its id. Whether the process crashed.
   */
  async serve(begin: (life: Life) => void, said: (messageId: string) => Words | undefined, crashAtEffect?: number): Promise<boolean> {
    const come = new Set<string>()
    let isChanged = true
    const isDone = () => {
      // To ask the broker takes longer than the step of time after which it is asked.
      if (!isChanged) return false
      isChanged = false
      return isIdle(this.world.broker)
    }
    const live = (life: Life) => {
      for (const event of ["acked", "dead-lettered"] as const) {
        life.broker.events.on(event, () => {
          isChanged = true
        })
      }
      life.broker.events.on("delivered", ({ messageId = "" }) => {
        const message = said(messageId)
        // What the process had committed before it died is told by nobody any more.
        if (!message || !life.process.alive) return
        const isNew = come.size < come.add(message.en).size
        this.tell(isNew ? words("{0:이/가} 와요", "{0} comes", message) : words("{0:이/가} 다시 와요", "{0} comes again", message))
      })
      begin(life)
    }
    const process = this.start(live, crashAtEffect)
    await this.reaches(() => !process.alive || isDone(), 60_000)
    if (!process.alive) {
      this.tell(words("{0:이/가} 다시 시작해요", "{0} is started again", orderService))
      this.start(live)
      isChanged = true
      await this.reaches(isDone, 60_000)
    }
    await this.relayed()
    return !process.alive
  }

  /** Moves time on until everything in the outbox has gone out. */
  async relayed(): Promise<void> {
    if (this.#relay) await this.until(this.#relay.idle())
    await this.clock.advance(100)
  }

  /** Moves time on so far that it would take long with everybody looking for messages: until shortly before, nobody does. */
  async passTo(time: number): Promise<void> {
    await this.until(Promise.all([this.#listener?.stop(), this.#relay?.stop()]))
    await this.clock.advanceTo(time - 1_000)
    this.#listener = this.#listening()
    this.#relay = this.#relaying()
    await this.clock.advanceTo(time)
  }

  tell(sentence: Words): void {
    this.history.add({ process: orderService.en, who: orderService, event: "told", words: sentence })
  }

  #outbox(database: Database): Outbox {
    const { clock, random } = this
    const outbox = createOutbox(database, { clock, random, durability: "normal" })
    this.#relay ??= this.#relaying()
    return outbox
  }

  #listening(): Consumer {
    return this.world.broker.topic(channels.events).subscribe("everybody", ({ body }) => {
      this.heard.push(body)
      this.tell(words("모두가 들어요: {0}", "everybody hears: {0}", code(shortly(body))))
    })
  }

  #relaying(): Relay {
    const { clock, random } = this
    const { broker } = this.world
    const publisher = broker.publisher()
    const known = new Set<string>(Object.values(channels))
    const forgiving: Publisher = {
      publish: (messages) => {
        // A relay would try again for ever. Here it goes to a queue where nobody listens, and the story says so.
        for (const { channel } of messages) {
          if (known.size === known.add(channel).size) continue
          broker.queue(channel)
          this.tell(words("{0} 채널에는 아무도 없어요", "nobody listens on the channel {0}", code(channel)))
        }
        return publisher.publish(messages)
      },
    }
    return relayOutbox(this.#path, forgiving, { method: "polling", nudge: false, intervalMs: 100, clock, random })
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const stopping = this.#relay?.stop()
    await this.clock.advance(1)
    await stopping
    this.reader.close()
    await super[Symbol.asyncDispose]()
  }
}

const noOutbox: Outbox = {
  send: () => {
    throw new Error("There is no outbox in this run.")
  },
}

/** An event as a learner reads it. */
function shortly(event: unknown): string {
  const { type, orderId, order, status } = event as { type?: string; orderId?: string; order?: { id?: string }; status?: string }
  const known = [type, orderId ?? order?.id, status].filter((part) => part !== undefined)
  return known.length > 1 ? known.join(" ") : JSON.stringify(event)
}

function isIdle(broker: Broker): boolean {
  const { queues, topics } = broker.inspect()
  const lines = [...queues, ...topics.flatMap((topic) => topic.subscriptions)]
  return lines.every(({ ready, delayed, inFlight }) => ready + delayed + inFlight === 0)
}
