import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import type { Outbox, OutgoingMessage, Publisher } from "#waystation"
import { createOutbox } from "#waystation"

/** A service with its own database, an orders table and an outbox; removed when the test ends. */
export class Service {
  readonly directory = mkdtempSync(join(tmpdir(), "waystation-service-"))
  readonly path = join(this.directory, "orders.db")
  readonly #handles: BetterSqlite3.Database[] = []
  readonly database = this.connect()
  readonly outbox: Outbox = createOutbox(this.database)

  constructor() {
    this.database.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)")
  }

  /** A further connection to the service's file, or to another one beside it. */
  connect(name = "orders.db"): BetterSqlite3.Database {
    const handle = new BetterSqlite3(join(this.directory, name))
    this.#handles.push(handle)
    return handle
  }

  /** What the service is there for: an order and its event, both or neither. */
  place(id: number, outbox = this.outbox, database = this.database): void {
    database.transaction(() => {
      database.prepare("INSERT INTO orders (id, total) VALUES (?, ?)").run(id, id * 10)
      outbox.send("orders", { placed: id }, { id: `order-${id}` })
    })()
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle.close()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Takes everything, and keeps it in the order in which it came. */
export class CollectingPublisher implements Publisher {
  readonly batches: OutgoingMessage[][] = []

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.batches.push([...messages])
  }

  get messages(): OutgoingMessage[] {
    return this.batches.flat()
  }

  get ids(): string[] {
    return this.messages.map((message) => message.id)
  }
}
