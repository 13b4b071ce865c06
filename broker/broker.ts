import type { EventEmitter } from "eventemitter3"
import type { ChannelOptions } from "./channel.ts"
import { type Clock, systemClock } from "./clock.ts"
import { GroupCommit } from "./commit.ts"
import { BrokerContext } from "./context.ts"
import { type AsyncApiDocument, type DescribeOptions, describe } from "./describe.ts"
import { BrokerEmitter, type BrokerEvents } from "./events.ts"
import { IdSource } from "./ids.ts"
import { type BrokerSnapshot, snapshot } from "./inspect.ts"
import { bodyBytesMaxDefault, type Publisher } from "./message.ts"
import { callable, checkOptions, durationMs, integer, object, oneOf } from "./options.ts"
import { openPartitioned, type PartitionedChannel, type PartitionedOptions } from "./partitioned.ts"
import { BrokerPublisher } from "./publisher.ts"
import { openQueue, type Queue, type QueueOptions } from "./queue.ts"
import { openRequestReply, type RequestReply, type RequestReplyOptions } from "./request.ts"
import { type Database, type Durability, openDatabase } from "./storage/database.ts"
import { migrate } from "./storage/migrate.ts"
import { brokerVersions } from "./storage/schema.ts"
import { Store } from "./storage/store.ts"
import { openTopic, type Topic } from "./topic.ts"
import { Wake } from "./wake.ts"

export interface BrokerOptions {
  /** Whether what was acknowledged survives a power cut ("full"), or only a killed process ("normal"). @default "full" */
  durability?: Durability
  /** The largest body, in bytes of JSON or of the array. @default 1_048_576 */
  bodyBytesMax?: number
  /** The only source of time. @default the machine's */
  clock?: Clock
  /** The only source of chance, for jitter and ids: at least 0, less than 1. @default the machine's */
  random?: () => number
}

/**
 * A message broker in one SQLite file. Any number of processes may open the same file, each with a broker of its own.
 *
 * It cannot promise what its ground does not give: the file must be on a local disk (a network file system's locks do not
 * hold), of one machine, and what a handler does outside this database happens at least once, not exactly once.
 */
export interface Broker extends AsyncDisposable {
  /** The connection. Statements of your own on it join its transactions. */
  readonly database: Database
  /** What happens, as it happens: see `BrokerEvents`. Nothing is logged anywhere else. */
  readonly events: EventEmitter<BrokerEvents>
  queue<Body = unknown>(name: string, options?: QueueOptions<Body>): Queue<Body>
  topic<Body = unknown>(name: string, options?: ChannelOptions<Body>): Topic<Body>
  partitioned<Body = unknown>(name: string, options: PartitionedOptions<Body>): PartitionedChannel<Body>
  requestReply<Request = unknown, Reply = unknown>(
    name: string,
    options?: RequestReplyOptions<Request, Reply>,
  ): RequestReply<Request, Reply>
  /**
   * BEGIN IMMEDIATE … COMMIT around `work`, which must be synchronous; nested, a savepoint. Sends and settlements inside it
   * are part of it: all or nothing.
   * @throws {TypeError} if `work` returns a promise; what it did is rolled back
   */
  transaction<T>(work: (database: Database) => T): T
  /** The port through which a relay delivers into this broker. */
  publisher(): Publisher
  inspect(): BrokerSnapshot
  /**
   * The AsyncAPI 3 document of this service: the channels it took in hand on this broker, with the JSON Schemas of their
   * messages, and what it receives (with a consumer) and sends (without one).
   * @throws {BrokerError} code `NO_JSON_SCHEMA` for a schema that cannot be written down
   */
  describe(options: DescribeOptions): AsyncApiDocument
  /**
   * Stops every consumer (waiting up to `graceMs`, default 10_000, for running handlers), commits what waits, and closes the
   * file; a handle that was given stays open. Closing twice is fine.
   */
  close(options?: { graceMs?: number }): Promise<void>
}

/**
 * Opens a broker in a file (made if it is not there), in memory, or on an open better-sqlite3 handle, whose tables it then
 * lives beside.
 *
 * @param location a path, ":memory:", or a handle, which stays the caller's
 * @throws {BrokerError} codes `CANNOT_OPEN`, `NOT_A_DATABASE`, `READ_ONLY`, `NEWER_FILE`, `SECOND_DRIVER`, `UNSUPPORTED_RUNTIME`
 * @example
 * await using broker = openBroker("app.db")
 * const emails = broker.queue<{ to: string }>("emails")
 * emails.consume(async (message) => console.log("to", message.body.to))
 * await emails.send({ to: "somebody@example.org" })
 */
export function openBroker(location: string | Database, options: BrokerOptions = {}): Broker {
  checkOptions("openBroker()", options, {
    durability: oneOf("full", "normal"),
    bodyBytesMax: integer(1, 1_000_000_000),
    clock: object("now", "setTimer", "defer"),
    random: callable,
  })
  const { durability = "full", bodyBytesMax = bodyBytesMaxDefault, clock = systemClock, random } = options
  const { database, owned } = openDatabase(location, durability)
  try {
    const store = new Store(database, { clock, random: random ?? Math.random, owned })
    migrate(store, "broker", brokerVersions)
    const context = new BrokerContext({
      store,
      commit: new GroupCommit(store),
      wake: new Wake(store),
      events: new BrokerEmitter(),
      bodyBytesMax,
      ids: new IdSource(random),
    })
    return new SqliteBroker(context, owned)
  } catch (error) {
    if (owned) database.close()
    throw error
  }
}

class SqliteBroker implements Broker {
  readonly #context: BrokerContext
  readonly #owned: boolean
  #closing: Promise<void> | undefined

  constructor(context: BrokerContext, owned: boolean) {
    this.#context = context
    this.#owned = owned
  }

  get database(): Database {
    return this.#context.store.database
  }

  get events(): EventEmitter<BrokerEvents> {
    return this.#context.events
  }

  queue<Body>(name: string, options?: QueueOptions<Body>): Queue<Body> {
    return openQueue<Body>(this.#context, name, options)
  }

  topic<Body>(name: string, options?: ChannelOptions<Body>): Topic<Body> {
    return openTopic<Body>(this.#context, name, options)
  }

  partitioned<Body>(name: string, options: PartitionedOptions<Body>): PartitionedChannel<Body> {
    return openPartitioned<Body>(this.#context, name, options)
  }

  requestReply<Request, Reply>(name: string, options?: RequestReplyOptions<Request, Reply>): RequestReply<Request, Reply> {
    return openRequestReply<Request, Reply>(this.#context, name, options)
  }

  transaction<T>(work: (database: Database) => T): T {
    this.#context.assertOpen()
    callable(work, "The work of transaction()")
    // Sends that were called before keep their place before the sends in the transaction.
    this.#context.commit.flushNow()
    return this.#context.store.transaction(() => work(this.database))
  }

  publisher(): Publisher {
    this.#context.assertOpen()
    return new BrokerPublisher(this.#context)
  }

  inspect(): BrokerSnapshot {
    this.#context.assertOpen()
    const { store } = this.#context
    return store.view(() => snapshot(store))
  }

  describe(options: DescribeOptions): AsyncApiDocument {
    this.#context.assertOpen()
    return describe(this.#context.uses, options)
  }

  close(options: { graceMs?: number } = {}): Promise<void> {
    checkOptions("close()", options, { graceMs: durationMs(0) })
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(options: { graceMs?: number }): Promise<void> {
    const { running, commit, wake } = this.#context
    // Handlers that still run may send: what they did is worth no less for being late.
    while (running.size > 0) await Promise.all([...running].map((consumer) => consumer.stop(options)))
    this.#context.closed = true
    if (this.database.open) await commit.idle()
    wake.close()
    if (this.#owned) this.database.close()
  }
}
